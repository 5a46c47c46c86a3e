import { h } from './dom.js';
import { blocks } from './blocks.js';
import { mrkdwn } from './mrkdwn.js';

export const clock = (ts) => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });

const dayOf = (ts) => new Date(Number(ts) * 1000).toDateString();

// drawList draws messages with a line between days. ui: openThread, press(message, block, element, value), pending, warnings.
export function drawList(messages, ctx, ui) {
  let day = '';
  return messages.flatMap((m) => {
    const drawn = drawMessage(m, ctx, ui);
    if (dayOf(m.ts) === day) return [drawn];
    day = dayOf(m.ts);
    return [h('div', { class: 'day' }, h('span', {}, dayName(m.ts))), drawn];
  });
}

function dayName(ts) {
  if (dayOf(ts) === new Date().toDateString()) return 'Today';
  return new Date(Number(ts) * 1000).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
}

function drawMessage(m, ctx, ui) {
  const author = ctx.users[m.user] || { real_name: m.user, avatar: '?' };
  const replies = ui.repliesOf?.(m) || [];
  const warning = ui.warnings?.[m.ts];
  return h('article', { class: 'message' + (m.private ? ' private' : ''), data: { ts: m.ts } },
    avatar(author, m.app),
    h('div', { class: 'body' },
      m.private && h('p', { class: 'onlyyou' }, 'Only visible to you'),
      m.broadcast && h('p', { class: 'onlyyou' }, 'replied to a thread'),
      h('p', { class: 'meta' }, h('strong', {}, author.real_name), m.app && h('span', { class: 'badge' }, 'APP'),
        author.guest && h('span', { class: 'badge' }, 'GUEST'), h('time', {}, clock(m.ts)), m.edited && h('span', { class: 'edited' }, '(edited)')),
      content(m, ctx, ui),
      warning && h('p', { class: 'warning', role: 'alert' }, '⚠ ' + warning),
      replies.length > 0 && h('button', { type: 'button', class: 'replies', data: { thread: m.ts }, onclick: () => ui.openThread(m.ts) },
        h('b', {}, `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`), h('span', {}, `last at ${clock(replies.at(-1).ts)}`))),
    ui.openThread && !m.private && !replies.length && h('button', { type: 'button', class: 'hover', title: 'Reply in thread', data: { thread: m.ts },
      onclick: () => ui.openThread(m.ts) }, '↩ Thread'));
}

function content(m, ctx, ui) {
  if (!m.blocks.length) return h('div', { class: 'text' }, mrkdwn(m.text, ctx));
  const pending = new Set([...ui.pending].filter((k) => k.startsWith(m.ts + '/')).map((k) => k.slice(m.ts.length + 1)));
  return blocks(m.blocks, { ...ctx, state: m.state, pending, use: (block, e, value) => ui.press(m, block, e, value) });
}

export function avatar(author, app) {
  const box = h('span', { class: 'avatar' + (app ? ' app' : ''), 'aria-hidden': 'true' }, author.avatar || '?');
  box.style.setProperty('--hue', String([...(author.id || '')].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) % 360));
  return box;
}
