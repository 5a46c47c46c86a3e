import { $, h } from './dom.js';
import { blocks } from './blocks.js';

// What a person typed lives here, not in the DOM, so that a view that changes while they type keeps it.
const draft = { view: '', values: {}, drawn: '' };

export function drawModal(view, ctx, act) {
  const overlay = $('overlay');
  if (!view) {
    if (draft.view) overlay.replaceChildren();
    overlay.hidden = true;
    draft.view = draft.drawn = '';
    return;
  }
  if (draft.view !== view.id) Object.assign(draft, { view: view.id, values: {}, drawn: '' });
  const key = JSON.stringify([view.id, view.hash, view.errors, view.trouble]);
  if (draft.drawn === key) return;
  draft.drawn = key;
  overlay.hidden = false;
  overlay.replaceChildren(modal(view, ctx, act));
  overlay.querySelector('input,textarea,select')?.focus();
}

function modal(view, ctx, act) {
  const form = { ...ctx, errors: view.errors || {}, state: withDraft(view.state), pending: new Set(),
    set: (block, e, value) => remember(block, e, value),
    use: (block, e, value) => act('click', { view: view.id, block: block.block_id, action: e.action_id, value: value ?? null }) };
  const submit = (ev) => {
    ev.preventDefault();
    const button = ev.submitter || ev.target.querySelector('.primary');
    if (button) { button.disabled = true; button.classList.add('busy'); }
    const done = () => { if (button) { button.disabled = false; button.classList.remove('busy'); } };
    act('submit', { view: view.id, values: draft.values }).then(done);
  };
  return h('form', { class: 'modal', role: 'dialog', 'aria-modal': 'true', 'aria-label': view.title, data: { viewId: view.id },
    onsubmit: submit, noValidate: true },
  h('header', {}, h('h2', {}, view.title), h('button', { type: 'button', class: 'icon', 'aria-label': 'Close', onclick: () => act('close', { view: view.id }) }, '✕')),
  view.trouble && h('p', { class: 'trouble', role: 'alert' }, view.trouble),
  h('div', { class: 'scroll' }, blocks(JSON.parse(JSON.stringify(view.blocks || [])), form)),
  h('footer', {},
    h('button', { type: 'button', class: 'btn', data: { view: 'close' }, onclick: () => act('close', { view: view.id }) }, view.close || 'Close'),
    view.submit && h('button', { type: 'submit', class: 'btn primary', data: { view: 'submit' } }, view.submit)));
}

const types = { selected_option: ['static_select', 'radio_buttons'], selected_options: ['multi_static_select', 'checkboxes'] };

function remember(block, e, value) {
  draft.values[block.block_id + '/' + e.action_id] = value;
  draft.elements = { ...draft.elements, [block.block_id + '/' + e.action_id]: e };
}

// withDraft lays what was typed over the state of the view, in the shape fields expect.
function withDraft(state) {
  const out = JSON.parse(JSON.stringify(state || {}));
  for (const [key, value] of Object.entries(draft.values)) {
    const e = draft.elements[key];
    const block = key.slice(0, key.length - e.action_id.length - 1);
    (out[block] ??= {})[e.action_id] = shape(e, value);
  }
  return out;
}

function shape(e, value) {
  if (types.selected_option.includes(e.type)) return { selected_option: { value } };
  if (types.selected_options.includes(e.type)) return { selected_options: value.map((v) => ({ value: v })) };
  const keys = { users_select: 'selected_user', multi_users_select: 'selected_users', channels_select: 'selected_channel',
    conversations_select: 'selected_conversation', datepicker: 'selected_date', timepicker: 'selected_time' };
  return { [keys[e.type] || 'value']: value };
}
