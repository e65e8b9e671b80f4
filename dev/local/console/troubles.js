// What is wrong: incidents, and connections that wait for a person, each with its cause and what to do.
import { draw, element, mark, say, time } from './elements.js';

const causeLink = ({ cause, page, page_url }) =>
  page_url === undefined ? (cause ?? '–') : element('a', { href: page_url, title: page }, cause);

const numbers = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(' · ');

const incident = (it) => {
  const open = it.resolved_at === undefined;
  return element(
    'li',
    { className: open ? 'incident open' : 'incident' },
    element('h3', {}, mark(open ? 'Open' : 'Over', !open), ` ${it.type}`),
    element(
      'p',
      { className: 'soft' },
      [it.app, it.org_name, it.org_id].filter(Boolean).join(' · '),
      ' since ',
      time(it.opened_at),
      ...(open ? [] : [', over at ', time(it.resolved_at)]),
      `. ${numbers(it.counts)}.`,
    ),
    element('p', {}, it.summary),
    element('p', {}, 'Cause: ', causeLink(it), '. To do: ', it.remedy),
    element('ul', {}, ...it.evidence.map((text) => element('li', {}, text))),
  );
};

// A connection alone cannot be told from its org: its own remedy waits for the org's.
const first = (it) => (it.incident_open ? 'Its org has an open incident: do first what that says. Then: ' : '');

const ill = (it) =>
  element(
    'li',
    {},
    element('h3', {}, it.username ?? it.id),
    element('p', { className: 'soft' }, it.id),
    element('p', {}, mark(it.status, false), ' since ', time(it.since)),
    element('p', {}, 'Cause: ', causeLink(it), ` (${it.confidence ?? 'unknown'}). ${it.evidence ?? ''}`),
    element('p', {}, `To do: ${first(it)}${it.remedy ?? 'see the alert'}`),
  );

const none = (text) => [element('li', { className: 'empty' }, text)];

const counted = (count, one, many) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

const verdict = (health, incidents, illCount) => {
  const open = incidents.filter((it) => it.resolved_at === undefined).length;
  const told = `${counted(open, 'incident is open', 'incidents are open')}, ${counted(illCount, 'connection waits', 'connections wait')} for a person.`;
  return health === 'ok' && open + illCount === 0 ? 'Nothing needs a person.' : told;
};

export const drawTroubles = (state) => {
  say('verdict', verdict(state.health, state.incidents, state.ill.length));
  draw('incidents', state.incidents, (items) =>
    items.length === 0 ? none('None is open, and none ended within a day.') : items.map(incident),
  );
  const open = state.incidents.filter((it) => it.resolved_at === undefined).map(({ org_id }) => org_id);
  const withIncident = state.ill.map((it) => ({ ...it, incident_open: open.includes(it.org_id) }));
  draw('ill', withIncident, (items) =>
    items.length === 0 ? none('None: all that are connected work.') : items.map(ill),
  );
};
