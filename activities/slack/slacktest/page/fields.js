import { h } from './dom.js';
import { plain, textObject } from './mrkdwn.js';

// field draws an element that holds a value. In a modal's input its value waits for submit (ctx.set); elsewhere a
// change is an action at once (ctx.use).
export function field(block, e, ctx) {
  const held = ctx.state?.[block.block_id]?.[e.action_id] || {};
  const changed = (value) => (block.type === 'input' && ctx.set ? ctx.set(block, e, value) : ctx.use(block, e, value));
  const draw = kinds[e.type] || (() => h('em', {}, `[${e.type}]`));
  return draw({ block, e, held, changed, ctx, data: { actionId: e.action_id, blockId: block.block_id } });
}

const kinds = {
  plain_text_input: text, email_text_input: text, url_text_input: text, number_input: text,
  static_select: select, multi_static_select: select, radio_buttons: choices, checkboxes: choices,
  users_select: people, multi_users_select: people, channels_select: channels, conversations_select: channels,
  datepicker: (f) => picker(f, 'date', 'selected_date'), timepicker: (f) => picker(f, 'time', 'selected_time'),
};

function text({ e, held, changed, data }) {
  const props = { data, value: held.value || '', placeholder: e.placeholder?.text || '', oninput: (ev) => changed(ev.target.value) };
  if (e.max_length) props.maxLength = e.max_length;
  if (e.multiline) return h('textarea', { ...props, rows: 4 });
  const types = { email_text_input: 'email', url_text_input: 'url', number_input: 'number' };
  return h('input', { ...props, type: types[e.type] || 'text' });
}

function select({ e, held, changed, data }) {
  const many = e.type.startsWith('multi_');
  const chosen = many ? (held.selected_options || []).map((o) => o.value) : [held.selected_option?.value];
  const options = e.options || (e.option_groups || []).flatMap((g) => g.options);
  return menu({ many, chosen, changed, data, prompt: e.placeholder?.text,
    options: options.map((o) => [o.value, plain(o.text)]) });
}

function people({ e, held, changed, ctx, data }) {
  const many = e.type.startsWith('multi_');
  return menu({ many, chosen: many ? held.selected_users || [] : [held.selected_user], changed, data, prompt: e.placeholder?.text,
    options: Object.values(ctx.users).filter((u) => !u.app).map((u) => [u.id, u.real_name]) });
}

function channels({ held, changed, ctx, e, data }) {
  return menu({ chosen: [held.selected_channel || held.selected_conversation], changed, data, prompt: e.placeholder?.text,
    options: Object.values(ctx.channels).filter((c) => !c.im).map((c) => [c.id, '#' + c.name]) });
}

function menu({ many, chosen, changed, data, prompt, options }) {
  const box = h('select', { data, multiple: !!many, onchange: () =>
    changed(many ? [...box.selectedOptions].map((o) => o.value) : box.value) });
  if (!many) box.append(h('option', { value: '', selected: !chosen[0] }, prompt || 'Choose…'));
  box.append(...options.map(([value, label]) => h('option', { value, selected: chosen.includes(value) }, label)));
  return box;
}

function choices({ block, e, held, changed, ctx, data }) {
  const many = e.type === 'checkboxes';
  const chosen = many ? (held.selected_options || []).map((o) => o.value) : [held.selected_option?.value];
  const box = h('div', { class: 'choices', role: many ? 'group' : 'radiogroup', data });
  const collect = () => {
    const values = [...box.querySelectorAll('input:checked')].map((i) => i.value);
    changed(many ? values : values[0] || '');
  };
  box.append(...e.options.map((o) => h('label', {},
    h('input', { type: many ? 'checkbox' : 'radio', name: block.block_id + e.action_id, value: o.value,
      checked: chosen.includes(o.value), onchange: collect }),
    h('span', {}, textObject(o.text, ctx), o.description && h('small', {}, textObject(o.description, ctx))))));
  return box;
}

function picker({ held, changed, data }, type, key) {
  return h('input', { type, data, value: held[key] || '', onchange: (ev) => changed(ev.target.value) });
}
