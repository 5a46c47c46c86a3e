import { h, link } from './dom.js';
import { emoji, knownEmoji } from './emoji.js';
import { mention } from './mrkdwn.js';

// rich_text, whose texts are never escaped and never parsed. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
export function richText(block, ctx) {
  return h('div', { class: 'rich' }, (block.elements || []).map((element) => container(element, ctx)));
}

function container(element, ctx) {
  const inner = () => (element.elements || []).map((e) => leaf(e, ctx));
  switch (element.type) {
    case 'rich_text_list':
      return h(element.style === 'ordered' ? 'ol' : 'ul', {}, (element.elements || []).map((item) => h('li', {}, container(item, ctx))));
    case 'rich_text_preformatted':
      return h('pre', {}, inner());
    case 'rich_text_quote':
      return h('blockquote', {}, inner());
    default:
      return h('div', { class: 'richsection' }, inner());
  }
}

function leaf(e, ctx) {
  switch (e.type) {
    case 'link':
      return dress(link(e.url, e.text || e.url), e.style);
    case 'user':
      return mention('@' + (ctx.users[e.user_id]?.real_name || e.user_id));
    case 'usergroup':
      return mention('@' + (ctx.groups[e.usergroup_id] || e.usergroup_id));
    case 'channel':
      return mention('#' + (ctx.channels[e.channel_id]?.name || e.channel_id));
    case 'broadcast':
      return mention('@' + e.range, true);
    case 'emoji':
      return knownEmoji(e.name) ? emoji(e.name) : `:${e.name}:`;
    default:
      return dress(document.createTextNode(e.text || ''), e.style);
  }
}

function dress(node, style = {}) {
  const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code' };
  return Object.keys(tags).filter((name) => style[name]).reduce((inner, name) => h(tags[name], {}, inner), node);
}
