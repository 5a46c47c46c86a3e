import { h, link } from './dom.js';
import { emoji, knownEmoji } from './emoji.js';

// Slack's mrkdwn, drawn as nodes. Entities are turned back into < > & only in the last step, when a text node is made,
// so text that was escaped can become neither markup nor HTML.

export const unescape = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

const holder = /[\uE000-\uF8FF]/g; // private use: stands for a finished node while styles are looked for

export function mrkdwn(text, ctx) {
  const out = document.createDocumentFragment();
  const parts = text.replace(holder, '').split('```');
  parts.forEach((part, i) => {
    const fenced = i % 2 === 1;
    if (fenced && i < parts.length - 1) out.append(h('pre', {}, unescape(part.replace(/^\n|\n$/g, ''))));
    else if (part || fenced) lines(fenced ? '```' + part : part, ctx, out);
  });
  return out;
}

function lines(text, ctx, out) {
  let quote = null;
  text.split('\n').forEach((line, i, all) => {
    const quoted = /^(&gt;|>) ?/.exec(line);
    if (quoted) {
      quote ??= out.appendChild(h('blockquote'));
      if (quote.childNodes.length) quote.append(h('br'));
      quote.append(inline(line.slice(quoted[0].length), ctx));
      return;
    }
    quote = null;
    out.append(inline(line, ctx));
    if (i < all.length - 1) out.append(h('br'));
  });
}

function inline(text, ctx) {
  const held = [];
  const hold = (node) => String.fromCharCode(0xe000 + held.push(node) - 1);
  const flat = text.replace(/`([^`]+)`|<([^<>]+)>/g, (all, code, angle) =>
    code !== undefined ? hold(h('code', {}, unescape(code))) : hold(special(angle, ctx)));
  return styled(flat, ctx, held);
}

const style = /(^|[\s([{"'.,;:!?/\-–—>\uE000-\uF8FF])([*_~])(?=\S)([^\n]*?\S)\2(?=$|[\s)\]}"'.,;:!?/\-–—<\uE000-\uF8FF])/;
const tags = { '*': 'strong', _: 'em', '~': 's' };

function styled(text, ctx, held) {
  const out = document.createDocumentFragment();
  for (let rest = text; rest; ) {
    const found = style.exec(rest);
    if (!found) {
      out.append(leaf(rest, ctx, held));
      break;
    }
    const [all, before, mark, inner] = found;
    out.append(leaf(rest.slice(0, found.index) + before, ctx, held));
    out.append(h(tags[mark], {}, styled(inner, ctx, held)));
    rest = rest.slice(found.index + all.length);
  }
  return out;
}

const atoms = /([\uE000-\uF8FF])|:([a-z0-9_+'-]+):|(https?:\/\/[^\s<>|`"\uE000-\uF8FF]+)|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)/g;

function leaf(text, ctx, held) {
  const out = document.createDocumentFragment();
  let last = 0;
  for (const found of text.matchAll(atoms)) {
    const [all, node, name, url, mail] = found;
    if (name && !knownEmoji(name)) continue;
    if ((url || mail) && ctx.verbatim) continue;
    out.append(unescape(text.slice(last, found.index)));
    last = found.index + all.length;
    if (node) out.append(held[node.charCodeAt(0) - 0xe000]);
    else if (name) out.append(emoji(name));
    else if (mail) out.append(link('mailto:' + mail, mail));
    else {
      const clean = url.replace(/[.,;:!?)\]}'*_~]+$/, '');
      last -= url.length - clean.length;
      out.append(link(unescape(clean), unescape(clean)));
    }
  }
  out.append(unescape(text.slice(last)));
  return out;
}

// special draws what stands between < and >. https://docs.slack.dev/messaging/formatting-message-text
function special(angle, ctx) {
  const [target, ...rest] = angle.split('|');
  const label = rest.length ? unescape(rest.join('|')) : '';
  if (target[0] === '@') return mention('@' + (ctx.users[target.slice(1)]?.real_name || label || target.slice(1)));
  if (target[0] === '#') return mention('#' + (ctx.channels[target.slice(1)]?.name || label || target.slice(1)));
  if (target.startsWith('!subteam^')) return mention('@' + (ctx.groups[target.slice(9)] || label || target.slice(9)));
  if (target.startsWith('!date^')) return date(target, label);
  if (target[0] === '!') return mention('@' + target.slice(1), true);
  if (/^(https?:\/\/|mailto:)/i.test(target)) return link(unescape(target), label || unescape(target.replace(/^mailto:/, '')));
  return h('span', {}, '<' + unescape(angle) + '>');
}

export function mention(text, loud) {
  return h('span', { class: loud ? 'mention loud' : 'mention' }, text);
}

function date(target, fallback) {
  const [, seconds, pattern, url] = target.split('^');
  const when = new Date(Number(seconds) * 1000);
  if (!pattern || Number.isNaN(when.getTime())) return h('span', {}, fallback);
  const text = dated(when, pattern);
  return url ? link(unescape(url), text) : h('time', { title: fallback, data: { seconds, pattern } }, text);
}

// refreshDates says dates anew, because "in 5 minutes" and "today" do not stay true.
export function refreshDates() {
  document.querySelectorAll('time[data-pattern]').forEach((box) => {
    box.textContent = dated(new Date(Number(box.dataset.seconds) * 1000), box.dataset.pattern);
  });
}

function dated(when, pattern) {
  const day = (o) => when.toLocaleDateString(undefined, o);
  const time = (o) => when.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...o });
  const values = { date_num: when.toISOString().slice(0, 10), date: day({ dateStyle: 'long' }), date_short: day({ dateStyle: 'medium' }),
    date_long: day({ dateStyle: 'full' }), date_pretty: pretty(when, 'long'), date_short_pretty: pretty(when, 'medium'),
    date_long_pretty: pretty(when, 'full'), time: time({}), time_secs: time({ second: '2-digit' }), ago: ago(when) };
  return unescape(pattern).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

function pretty(when, dateStyle) {
  const days = Math.round((new Date(when).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 864e5);
  return { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days] ?? when.toLocaleDateString(undefined, { dateStyle });
}

function ago(when) {
  const minutes = Math.round((when - Date.now()) / 6e4);
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  return Math.abs(minutes) < 90 ? format.format(minutes, 'minute') : format.format(Math.round(minutes / 60), 'hour');
}

// plain draws a plain_text object: no markup at all, emoji only where the object asks for it.
export function plain(object) {
  const out = document.createDocumentFragment();
  const text = unescape(object?.text || '');
  for (const part of text.split(/(:[a-z0-9_+'-]+:)/)) {
    const name = part.slice(1, -1);
    out.append(object.emoji !== false && part.length > 2 && part[0] === ':' && knownEmoji(name) ? emoji(name) : part);
  }
  return out;
}

export function textObject(object, ctx) {
  if (!object) return '';
  if (object.type === 'mrkdwn') return mrkdwn(object.text, { ...ctx, verbatim: object.verbatim });
  return plain(object);
}

// readable is text as a notification shows it: one line, no markup.
export function readable(text, ctx) {
  const box = h('div', {}, mrkdwn(text, { ...ctx, verbatim: true }));
  box.querySelectorAll('br').forEach((br) => br.replaceWith(' '));
  return box.textContent.trim();
}
