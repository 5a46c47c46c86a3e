import { h } from './dom.js';

// Circles are drawn, because a machine without a colour emoji font would show them all alike.
const dots = { red_circle: '#e01e5a', large_orange_circle: '#f2952b', large_yellow_circle: '#ecb22e', large_green_circle: '#2bac76',
  large_blue_circle: '#1d9bd1', blue_circle: '#1d9bd1', white_circle: '#d0d0d4', black_circle: '#1d1c1d', large_purple_circle: '#7c3085' };

const glyphs = { warning: '⚠', rotating_light: '🚨', white_check_mark: '✅', heavy_check_mark: '✔', x: '❌', no_entry: '⛔',
  no_entry_sign: '🚫', hourglass: '⌛', hourglass_flowing_sand: '⏳', alarm_clock: '⏰', clock1: '🕐', bell: '🔔',
  no_bell: '🔕', mag: '🔍', lock: '🔒', unlock: '🔓', key: '🔑', email: '✉', envelope: '✉', inbox_tray: '📥',
  incoming_envelope: '📨', paperclip: '📎', link: '🔗', bust_in_silhouette: '👤', busts_in_silhouette: '👥', robot_face: '🤖',
  eyes: '👀', thumbsup: '👍', '+1': '👍', thumbsdown: '👎', '-1': '👎', fire: '🔥', shield: '🛡', bulb: '💡', memo: '📝',
  page_facing_up: '📄', chart_with_upwards_trend: '📈', bar_chart: '📊', calendar: '📅', information_source: 'ℹ',
  question: '❓', exclamation: '❗', zzz: '💤', repeat: '🔁', arrow_right: '→', tada: '🎉', rocket: '🚀', wave: '👋',
  pray: '🙏', fishing_pole_and_fish: '🎣', phone: '☎', bug: '🐛', gear: '⚙', hammer: '🔨', globe_with_meridians: '🌐', smile: '😄' };

// The ones that cards use most are drawn too: 16 by 16, one colour each.
const drawn = {
  alarm_clock: ['#616061', 'M8 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 6v3l2 1.5M2 4.5 4.5 2.5M14 4.5l-2.5-2'],
  hourglass: ['#616061', 'M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6'],
  lock: ['currentColor', 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5'],
  warning: ['#c98500', 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.7v.3'],
  white_check_mark: ['#1b7f5c', 'M2.5 8.5 6.5 12.5 13.5 4'],
  x: ['#d1274f', 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5'],
  mag: ['#616061', 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14'],
  bell: ['#616061', 'M3 12h10c-1.5-1.5-1.5-3-1.5-5a3.5 3.5 0 0 0-7 0c0 2 0 3.5-1.5 5zM7 14h2'],
  rotating_light: ['#d1274f', 'M4 13.5h8M5 13.5V9a3 3 0 0 1 6 0v4.5M8 1.5v2M2.5 4l1.5 1.5M13.5 4 12 5.5'],
  shield: ['#4b5bd6', 'M8 2 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4z'],
  robot_face: ['#616061', 'M3 6h10v7H3zM8 6V3M6 9v1M10 9v1M6.5 12h3'],
  bust_in_silhouette: ['#616061', 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c0-3 2.5-4.5 5.5-4.5s5.5 1.5 5.5 4.5'],
  zzz: ['#616061', 'M3 8h5l-5 6h5M9.5 2h4l-4 5h4'],
};
Object.assign(drawn, { hourglass_flowing_sand: drawn.hourglass, heavy_check_mark: drawn.white_check_mark });

export const knownEmoji = (name) => name in dots || name in drawn || name in glyphs;

function svg([colour, path]) {
  const make = (tag, attributes) => {
    const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
    return el;
  };
  const picture = make('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' });
  picture.append(make('path', { d: path, fill: 'none', stroke: colour, 'stroke-width': '1.6', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
  return picture;
}

export function emoji(name) {
  if (name in dots) {
    const dot = h('span', { class: 'dot', title: `:${name}:`, role: 'img', 'aria-label': name.replace(/_/g, ' ') });
    dot.style.background = dots[name];
    return dot;
  }
  if (name in drawn) return h('span', { class: 'emoji', title: `:${name}:`, role: 'img', 'aria-label': name.replace(/_/g, ' ') }, svg(drawn[name]));
  return h('span', { class: 'emoji', title: `:${name}:` }, glyphs[name]);
}
