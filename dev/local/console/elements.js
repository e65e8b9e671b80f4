// Small pieces of the console's page. Text goes in as text, never as HTML.
const shown = {};

export const byId = (id) => document.getElementById(id);

export const element = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

export const time = (text) => {
  if (!text) return '–';
  const at = new Date(text);
  const sameDay = at.toDateString() === new Date().toDateString();
  const label = sameDay ? at.toLocaleTimeString() : at.toLocaleString();
  return element('time', { dateTime: text, title: text }, label);
};

export const mark = (text, good) => element('span', { className: good ? 'good' : 'bad' }, text);

// Only where it changed, so that a screen reader does not hear it each second.
export const say = (id, text) => {
  if (byId(id).textContent !== text) byId(id).textContent = text;
};

const keyed = (root, key) => [...root.querySelectorAll('[data-key]')].find((node) => node.dataset.key === key);

// Only what has changed is drawn again, so that a selection or a screen reader's place is not lost each second. What has a
// `data-key` keeps the focus, and stays open, when it is drawn again.
export const draw = (id, data, render) => {
  const text = JSON.stringify(data);
  if (shown[id] === text) return;
  shown[id] = text;
  const root = byId(id);
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const open = [...root.querySelectorAll('details[open][data-key]')].map(({ dataset }) => dataset.key);
  root.replaceChildren(...render(data));
  for (const key of open) keyed(root, key)?.setAttribute('open', '');
  if (focused !== undefined) keyed(root, focused)?.focus();
};

export const keep = (key, node) => {
  node.dataset.key = key;
  return node;
};

export const rows = (items, columns, cellsOf, nothing) =>
  items.length === 0
    ? [element('tr', {}, element('td', { colSpan: columns, className: 'empty' }, nothing))]
    : items.map((item) => element('tr', {}, ...cellsOf(item).map((cell) => element('td', {}, cell))));

export const feed = (items, textOf, nothing) =>
  items.length === 0 ? [element('li', { className: 'empty' }, nothing)] : items.toReversed().map(textOf);

export const post = async (path, body) => {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { ok: answer.ok, body: await answer.json() };
};
