// How the refreshes of each org went, minute by minute: one plot below the other, all to one scale. What worked rises from
// the line, what failed hangs from it; colours are not needed to tell them apart.
import { draw, element, keep, say, time } from './elements.js';

const namespace = 'http://www.w3.org/2000/svg';
const step = 10;
const half = 40;
const minuteMs = 60_000;
// A single refresh shall not fill the plot.
const leastScale = 4;

const svg = (name, attributes, ...children) => {
  const node = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

const sum = (org, name) => org.minutes.reduce((total, minute) => total + minute[name], 0);
const label = ({ org_id, name }) => (name === undefined ? org_id : `${name} (${org_id})`);
const told = (org) =>
  `${sum(org, 'refreshed')} refreshed, ${sum(org, 'failed')} failed, ${sum(org, 'died')} died in the last hour`;

const bar = (className, index, width, from, height) =>
  svg('rect', { class: className, x: index * step + (step - width) / 2, width, y: from, height });

const bars = ({ at, refreshed, failed, died }, first, scale) => {
  const index = Math.round((Date.parse(at) - first) / minuteMs);
  const high = (count) => (count * half) / scale;
  return [
    ...(refreshed > 0 ? [bar('refreshed', index, 8, half - high(refreshed), high(refreshed))] : []),
    ...(failed > 0 ? [bar('failed', index, 4, half, high(failed))] : []),
    ...(died > 0 ? [bar('died', index, 8, half + high(failed), high(died))] : []),
  ];
};

const opening = ({ opened_at }, first) => {
  const x = ((Date.parse(opened_at) - first) / minuteMs) * step;
  return svg('line', { class: 'opened', x1: x, x2: x, y1: 0, y2: 2 * half });
};

const plot = (org, { first, minutes, scale, incidents }) => {
  const own = incidents.filter((it) => it.org_id === org.org_id && Date.parse(it.opened_at) >= first);
  const [titleId, textId] = [`plot-${org.org_id}`, `plot-text-${org.org_id}`];
  const opened = own.map((it) => ` An incident opened at ${new Date(it.opened_at).toLocaleTimeString()}.`).join('');
  return svg(
    'svg',
    {
      viewBox: `0 0 ${minutes * step} ${2 * half}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-labelledby': titleId,
      'aria-describedby': textId,
    },
    svg('title', { id: titleId }, `Refreshes of ${label(org)} by minute`),
    svg('desc', { id: textId }, `${told(org)}.${opened}`),
    svg('line', { class: 'zero', x1: 0, x2: minutes * step, y1: half, y2: half }),
    ...org.minutes.flatMap((minute) => bars(minute, first, scale)),
    ...own.map((it) => opening(it, first)),
  );
};

const counts = ['refreshed', 'failed', 'died'];
const heads = ['Minute', 'Refreshed', 'Failed', 'Died'];

const numbersTable = (org) => {
  const head = element('tr', {}, ...heads.map((name) => element('th', { scope: 'col' }, name)));
  const body = org.minutes
    .toReversed()
    .map((it) => [time(it.at), ...counts.map((name) => String(it[name]))])
    .map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell))));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...body));
};

const numbers = (org) => {
  const heard = element('span', { className: 'heard' }, ` of ${label(org)}`);
  const summary = keep(`summary-${org.org_id}`, element('summary', {}, 'The numbers', heard));
  const scroll = element('div', { className: 'scroll', tabIndex: 0, role: 'group' }, numbersTable(org));
  scroll.setAttribute('aria-label', `The numbers of ${label(org)}`);
  return keep(`numbers-${org.org_id}`, element('details', {}, summary, scroll));
};

const figure = (org, frame) =>
  element(
    'figure',
    {},
    element(
      'figcaption',
      {},
      element('strong', {}, org.name ?? org.org_id),
      element('span', { className: 'soft' }, `${org.connections} connected · ${told(org)}`),
      numbers(org),
    ),
    plot(org, frame),
  );

export const drawPlots = ({ plots, incidents }) => {
  const counts = plots.orgs.flatMap((org) => org.minutes.flatMap((it) => [it.refreshed, it.failed + it.died]));
  const scale = Math.max(leastScale, ...counts);
  draw('plots-since', plots.since, (since) => ['Counted since ', time(since), ', this process’s start.']);
  say('plots-scale', `Up or down to the edge: ${scale} in a minute. Left: an hour ago; right: now.`);
  const opened = incidents.map(({ org_id, opened_at }) => ({ org_id, opened_at }));
  draw('plots', { plots, opened }, () =>
    plots.orgs.length === 0
      ? [element('p', { className: 'empty' }, 'No org yet: connect a user.')]
      : plots.orgs.map((org) =>
          figure(org, { first: Date.parse(plots.first_minute), minutes: plots.minutes, scale, incidents: opened }),
        ),
  );
};
