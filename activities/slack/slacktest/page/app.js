import { $, h } from './dom.js';
import { emoji } from './emoji.js';
import { drawList } from './messages.js';
import { drawHome } from './home.js';
import { drawModal } from './modal.js';
import { readable, refreshDates } from './mrkdwn.js';

let greeted = location.hash !== '#home';
const ui = { me: localStorage.getItem('me') || '', channel: location.hash.slice(1), thread: '', pending: new Set(),
  toasted: null, warned: -1, drawn: {} };
let state = null;
let loading = false;
let again = false;

async function load() {
  if (loading) { again = true; return; }
  loading = true;
  try {
    do {
      again = false;
      const answer = await fetch('/_page/state?user=' + encodeURIComponent(ui.me));
      state = await answer.json();
      draw();
      if (!greeted) { greeted = true; act('home', {}); }
    } while (again);
  } finally {
    loading = false;
  }
}

// act sends what a person did and shows why when they could not.
async function act(what, body) {
  const answer = await fetch('/_page/' + what, { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: state.me, ...body }) });
  const result = await answer.json();
  if (result.error) toast('Slack', result.error, 'bad');
  await load();
  return result;
}

function context() {
  const byId = (list) => Object.fromEntries(list.map((item) => [item.id, item]));
  return { users: byId(state.users), channels: byId(state.channels), groups: state.groups };
}

function draw() {
  ui.me = state.me;
  document.body.classList.toggle('home', ui.channel === 'home');
  const ctx = context();
  if (ui.channel === 'home') {
    drawSidebar({ id: 'home' });
    once('home', [state.home, [...ui.pending]], () => drawHome(state, ctx, ui.pending, use));
    ui.drawn.head = ui.drawn.messages = '';
    $('thread').hidden = true;
    document.body.classList.remove('threaded');
    drawModal(state.view, ctx, act);
    notify(ctx);
    return;
  }
  ui.drawn.home = '';
  const current = state.channels.find((c) => c.id === ui.channel) || state.channels.find((c) => c.member) || state.channels[0];
  if (!current) return;
  ui.channel = current.id;
  drawSidebar(current);
  drawHead(current, ctx);
  drawMessages(current, ctx);
  drawThread(current, ctx);
  drawModal(state.view, ctx, act);
  notify(ctx);
}

// once redraws a part only when what it shows has changed, so that open menus and selections survive other news.
function once(part, key, redraw) {
  const text = JSON.stringify(key);
  if (ui.drawn[part] === text) return;
  ui.drawn[part] = text;
  redraw();
}

function drawSidebar(current) {
  const lines = state.channels.map((c) => ({ id: c.id, name: channelName(c), archived: c.archived, private: c.private && !c.im, mark: c.im ? '●' : '#', unread: unread(c, current) }));
  once('sidebar', [lines, current.id, state.users, state.me, state.sockets], () => {
    $('team').textContent = state.team;
    $('channels').replaceChildren(...lines.map((c) => h('button', { type: 'button', data: { channel: c.id },
      class: ['channel', c.id === current.id && 'current', c.unread && 'unread', c.archived && 'archived'].filter(Boolean).join(' '),
      onclick: () => go(c.id) }, h('span', { class: 'mark' }, c.private ? emoji('lock') : c.mark), h('span', {}, c.name), c.unread && h('i', { class: 'dot new', title: 'unread' }))));
    const app = state.users.find((u) => u.app);
    $('channels').append(h('p', { class: 'apps' }, 'Apps'), h('button', { type: 'button', data: { channel: 'home' },
      class: 'channel' + (current.id === 'home' ? ' current' : ''), onclick: openHome }, h('span', { class: 'mark' }, '⌂'), h('span', {}, app?.real_name || 'App')));
    $('me').replaceChildren(...state.users.filter((u) => !u.app).map((u) => h('option', { value: u.id, selected: u.id === state.me },
      u.real_name + (u.guest ? ' (guest)' : ''))));
    $('sockets').textContent = state.http ? 'App reached over HTTP' : state.sockets ? `App connected (${state.sockets})` : 'App not connected';
    $('sockets').className = 'sockets ' + (state.sockets || state.http ? 'on' : 'off');
  });
}

// A direct conversation has the name of the other side: for its person that is the app.
const channelName = (c) => (c.im ? state.users.find((u) => (c.im === state.me ? u.app : u.id === c.im))?.real_name || c.im : c.name);

function unread(c, current) {
  const key = `read:${state.me}:${c.id}`;
  const last = c.messages.at(-1)?.ts || '';
  if (c.id === current.id && document.visibilityState === 'visible') localStorage.setItem(key, last);
  return c.messages.some((m) => m.user !== state.me && m.ts > (localStorage.getItem(key) || ''));
}

function drawHead(c, ctx) {
  once('head', [c.id, c.name, c.topic, c.members, c.archived, c.member], () => {
    document.title = `${channelName(c)} | ${state.team}`;
    $('title').textContent = (c.im ? '' : '# ') + channelName(c);
    $('topic').textContent = c.archived ? 'archived' : c.topic;
    $('members').textContent = c.members === 1 ? '1 member' : `${c.members} members`;
    $('say').placeholder = c.member ? `Message ${c.im ? '' : '#'}${channelName(c)}, or a /command` : 'You are not a member; a /command still works';
  });
}

function listUI(c, withThreads) {
  const warnings = Object.fromEntries(state.warnings.filter((w) => w.ts).map((w) => [w.ts, w.text]));
  const list = { pending: ui.pending, warnings, press: (m, block, e, value) => press(c, m, block, e, value) };
  if (!withThreads) return list;
  return { ...list, openThread: (ts) => { ui.thread = ts; draw(); }, repliesOf: (m) => c.messages.filter((r) => r.thread_ts === m.ts) };
}

function drawMessages(c, ctx) {
  const own = c.messages.filter((m) => !m.thread_ts || m.broadcast).sort((a, b) => (a.ts < b.ts ? -1 : 1));
  once('messages', [c, state.warnings, [...ui.pending]], () => {
    const box = $('messages');
    const atEnd = box.dataset.channel !== c.id || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    box.dataset.channel = c.id;
    box.replaceChildren(...(own.length ? drawList(own, ctx, listUI(c, true)) : [h('p', { class: 'empty' }, 'No messages yet.')]));
    if (atEnd) box.scrollTop = box.scrollHeight;
  });
}

function drawThread(c, ctx) {
  const root = c.messages.find((m) => m.ts === ui.thread);
  $('thread').hidden = !root;
  document.body.classList.toggle('threaded', !!root);
  if (!root) return;
  const shown = [root, ...c.messages.filter((m) => m.thread_ts === ui.thread)];
  once('thread', [shown, state.warnings, [...ui.pending]], () => {
    $('threadtopic').textContent = '# ' + channelName(c);
    $('replies').replaceChildren(...drawList(shown, ctx, listUI(c, false)));
    $('replies').scrollTop = $('replies').scrollHeight;
  });
}

async function press(c, m, block, e, value) {
  const key = `${m.ts}/${block.block_id}/${e.action_id}`;
  ui.pending.add(key);
  draw();
  await act('click', { channel: c.id, ts: m.ts, block: block.block_id, action: e.action_id, value: value ?? null });
  ui.pending.delete(key);
  draw();
}

// use presses a button of the home tab.
async function use(view, block, e, value) {
  const key = `${block.block_id}/${e.action_id}`;
  ui.pending.add(key);
  draw();
  await act('click', { view, block: block.block_id, action: e.action_id, value: value ?? null });
  ui.pending.delete(key);
  draw();
}

// openHome opens the home tab, which tells the app.
function openHome() {
  go('home');
  act('home', {});
}

// notify shows the notification line of messages that came while the page was open.
function notify(ctx) {
  const all = state.channels.flatMap((c) => c.messages.map((m) => ({ ...m, channel: c })));
  const newest = all.reduce((ts, m) => (m.ts > ts ? m.ts : ts), '0');
  if (ui.toasted !== null) {
    all.filter((m) => m.ts > ui.toasted && m.user !== state.me && !m.private).slice(-3)
      .forEach((m) => toast(`${ctx.users[m.user]?.real_name || 'App'} in ${m.channel.im ? 'a direct message' : '#' + m.channel.name}`, readable(m.text, ctx)));
  }
  const fresh = state.warnings.filter((w) => w.number > ui.warned);
  if (ui.toasted !== null) fresh.forEach((w) => toast('Slack', w.text, 'bad'));
  ui.warned = state.warnings.at(-1)?.number ?? ui.warned;
  ui.toasted = newest;
}

function toast(title, text, kind = '') {
  const box = h('div', { class: 'toast ' + kind, role: 'status' }, h('strong', {}, title), h('p', {}, text));
  box.addEventListener('click', () => box.remove());
  $('toasts').append(box);
  setTimeout(() => box.remove(), 8000);
}

function go(channel) {
  Object.assign(ui, { channel, thread: '' });
  history.replaceState(null, '', '#' + channel);
  document.body.classList.remove('menu');
  draw();
}

function sends(form, input, thread) {
  $(form).addEventListener('submit', (ev) => {
    ev.preventDefault();
    const text = $(input).value.trim();
    if (!text) return;
    $(input).value = '';
    act('say', { channel: ui.channel, thread: thread(), text });
  });
}

sends('composer', 'say', () => '');
sends('replycomposer', 'reply', () => ui.thread);
$('me').addEventListener('change', () => {
  Object.assign(ui, { me: $('me').value, thread: '', toasted: null, drawn: {} });
  localStorage.setItem('me', ui.me);
  load();
});
$('menu').addEventListener('click', () => document.body.classList.toggle('menu'));
$('closethread').addEventListener('click', () => { ui.thread = ''; draw(); });
document.addEventListener('visibilitychange', () => state && draw());
document.addEventListener('keydown', (ev) => {
  if (ev.key === 'Escape' && state?.view && !document.querySelector('dialog[open]')) act('close', { view: state.view.id });
});
setInterval(refreshDates, 20000);
new EventSource('/_page/events').addEventListener('message', load);
load();
