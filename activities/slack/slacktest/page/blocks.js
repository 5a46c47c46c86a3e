import { h, safeHref } from './dom.js';
import { plain, textObject } from './mrkdwn.js';
import { richText } from './richtext.js';
import { field } from './fields.js';

// ctx: users, groups, channels (by id), state (values), errors (by block), pending (set of "block/action"),
// use(block, element, value): a person used an element, set(block, element, value): a form field changed.

export function blocks(list, ctx) {
  return h('div', { class: 'blocks' }, list.map((block) => draw(block, ctx)));
}

function draw(block, ctx) {
  const box = h('div', { class: 'block ' + block.type, data: { blockId: block.block_id } });
  box.append(...[content(block, ctx)].flat());
  return box;
}

function content(block, ctx) {
  switch (block.type) {
    case 'header':
      return h('h3', {}, plain(block.text));
    case 'section':
      return section(block, ctx);
    case 'context':
      return (block.elements || []).map((e) => (e.type === 'image' ? image(e) : h('span', {}, textObject(e, ctx))));
    case 'divider':
      return h('hr');
    case 'actions':
      return (block.elements || []).map((e) => element(block, e, ctx));
    case 'image':
      return h('figure', {}, block.title && h('figcaption', {}, plain(block.title)), image(block));
    case 'rich_text':
      return richText(block, ctx);
    case 'input':
      return input(block, ctx);
    default:
      return h('em', {}, `[${block.type}]`);
  }
}

function section(block, ctx) {
  const text = h('div', { class: 'text' }, block.text && h('div', {}, textObject(block.text, ctx)));
  if (block.fields) {
    text.append(h('div', { class: 'fields' }, block.fields.map((f) => h('div', {}, textObject(f, ctx)))));
  }
  return block.accessory ? [text, h('div', { class: 'accessory' }, element(block, block.accessory, ctx))] : text;
}

function image(e) {
  return h('span', { class: 'image', title: e.image_url }, '🖼 ' + (e.alt_text || 'image'));
}

function input(block, ctx) {
  const error = ctx.errors?.[block.block_id];
  return [
    h('label', {}, plain(block.label), block.optional && h('span', { class: 'optional' }, ' (optional)')),
    field(block, block.element, ctx),
    block.hint && h('p', { class: 'hint' }, plain(block.hint)),
    error && h('p', { class: 'error', role: 'alert' }, error),
  ].filter(Boolean);
}

function element(block, e, ctx) {
  switch (e.type) {
    case 'button':
      return button(block, e, ctx);
    case 'overflow':
      return overflow(block, e, ctx);
    case 'image':
      return image(e);
    default:
      return field(block, e, ctx);
  }
}

function button(block, e, ctx) {
  const busy = ctx.pending?.has(block.block_id + '/' + e.action_id);
  const press = async () => {
    if (e.confirm && !(await confirm(e.confirm, ctx))) return;
    ctx.use(block, e);
    const href = e.url && safeHref(e.url);
    if (href) window.open(href, '_blank', 'noopener,noreferrer');
  };
  return h('button', { type: 'button', class: `btn ${e.style || ''} ${busy ? 'busy' : ''}`, disabled: busy, onclick: press,
    data: { actionId: e.action_id, blockId: block.block_id, value: e.value || '' } }, plain(e.text));
}

function overflow(block, e, ctx) {
  const menu = h('select', { class: 'overflow', 'aria-label': 'More actions', data: { actionId: e.action_id },
    onchange: () => { const value = menu.value; menu.value = ''; ctx.use(block, e, value); } },
  h('option', { value: '', hidden: true }, '⋯'), e.options.map((o) => h('option', { value: o.value }, plain(o.text))));
  return menu;
}

// confirm is the dialog Slack shows before a button with a confirm object is pressed.
export function confirm(object, ctx) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { class: 'confirm', onclose: () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); } },
      h('form', { method: 'dialog' },
        h('h2', {}, plain(object.title)), h('div', {}, textObject(object.text, ctx)),
        h('div', { class: 'buttons' }, h('button', { class: 'btn', value: 'no' }, plain(object.deny)),
          h('button', { class: `btn ${object.style || 'primary'}`, value: 'yes', data: { confirm: 'yes' } }, plain(object.confirm)))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
