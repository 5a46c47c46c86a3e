import { $, h } from './dom.js';
import { blocks } from './blocks.js';

// drawHome draws the app's home tab in the place of a channel's messages.
export function drawHome(state, ctx, pending, use) {
  const app = state.users.find((u) => u.app);
  document.title = `${app?.real_name || 'App'} | ${state.team}`;
  $('title').textContent = app?.real_name || 'App';
  $('topic').textContent = 'Home';
  $('members').textContent = '';
  const box = $('messages');
  box.dataset.channel = 'home';
  if (!state.home) {
    box.replaceChildren(h('p', { class: 'empty' }, 'The app has not filled this tab yet.'));
    return;
  }
  const busy = new Set(pending);
  box.replaceChildren(h('div', { class: 'hometab', data: { viewId: state.home.id } },
    blocks(state.home.blocks, { ...ctx, state: state.home.state, pending: busy, use: (block, e, value) => use(state.home.id, block, e, value) })));
}
