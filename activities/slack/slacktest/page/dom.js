// h makes an element. Children that are strings become text nodes, so nothing that came from a message is ever HTML.
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') el.className = value;
    else if (name === 'data') Object.assign(el.dataset, value);
    else if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else if (name in el && name !== 'list') el[name] = value;
    else el.setAttribute(name, value);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

export const $ = (id) => document.getElementById(id);

// safeHref is a link only when it leads to the web or to a mail program.
export function safeHref(url) {
  return /^(https?:\/\/|mailto:)/i.test(url) ? url : null;
}

export function link(url, label) {
  const href = safeHref(url);
  if (!href) return h('span', {}, label);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, label);
}
