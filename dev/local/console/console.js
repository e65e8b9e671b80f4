// The console in the browser: asks for the state each second and shows it.
import { byId, draw, element, feed, mark, post, rows, say, time } from './elements.js';
import { drawPlots } from './plots.js';
import { drawSalesforce } from './salesforce.js';
import { drawTroubles } from './troubles.js';

const pollMs = 1000;
const choices = {
  grantLimit: [5, 4],
  eviction: ['oldest', 'lru'],
  replay: ['kill', 'reject'],
  introspection: ['on', 'off', 'inactive'],
  inactiveIdentity: ['refused', 'told'],
  restApi: ['on', 'disabled'],
  restWithoutApiScope: [403, 401],
  certificatesPerApp: [1, 2],
  endedCertificate: ['refused', 'taken'],
  oauthTokenQuery: ['on', 'invalid_type', 'insufficient_access'],
};

let shownSwitches = '';

const connectionCells = (it) => [
  it.id,
  mark(it.cause ? `${it.status} (${it.cause})` : it.status, it.status === 'active'),
  String(it.refreshes),
  time(it.authorized_at),
  time(it.refreshed_at),
  time(it.expires_at),
  time(it.next_refresh_at),
  it.integrations.join(', ') || '–',
  it.duties.join(', ') || '–',
];

const grantCells = (it) => [
  it.id,
  it.user,
  mark(it.live ? (it.flow ?? 'live') : it.ended_by, it.live),
  String(it.refreshes),
  time(it.created_at),
  time(it.last_used_at),
];

const activityItem = (it) => element('li', {}, time(it.at), ` ${it.connection_id}: ${it.text}`);
const alertItem = (it) =>
  element('li', {}, time(it.opened_at), ' ', mark(it.type, it.severity === 'info'), ` ${it.summary} ${it.remedy}`);

const control = (name, value) => {
  const label = (input, className) => element('label', { className }, ...(className ? [input, name] : [name, input]));
  if (typeof value === 'boolean') return label(element('input', { type: 'checkbox', name, checked: value }), 'check');
  if (choices[name]) {
    const options = choices[name].map((choice) => element('option', { selected: choice === value }, String(choice)));
    return label(element('select', { name }, ...options), '');
  }
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? '');
  return label(element('input', { type: typeof value === 'number' ? 'number' : 'text', name, value: text }), '');
};

const drawSwitches = (switches) => {
  const text = JSON.stringify(switches);
  if (text === shownSwitches) return;
  shownSwitches = text;
  byId('switches').replaceChildren(...Object.entries(switches).map(([name, value]) => control(name, value)));
};

const show = (state) => {
  draw('salesforce', state.salesforce, ({ url, simulated }) => [
    element('a', { href: url }, url),
    simulated ? ' (the simulator)' : '',
  ]);
  drawTroubles(state);
  drawPlots(state);
  draw('connections', state.connections, (items) => rows(items, 9, connectionCells, 'None yet: connect a user.'));
  draw('activity', state.activity, (items) => feed(items, activityItem, 'Nothing yet.'));
  draw('alerts', state.alerts, (items) => feed(items, alertItem, 'None: all is well.'));
  byId('grants-section').hidden = !state.simulator;
  byId('switches-section').hidden = !state.simulator;
  byId('orgs-section').hidden = !state.simulator;
  if (state.simulator) {
    drawSalesforce(state.simulator);
    draw('grants', state.simulator.grants, (items) => rows(items.toReversed(), 6, grantCells, 'None yet.'));
    drawSwitches(state.simulator.switches);
  }
  const select = document.querySelector('#connect select');
  if (select.options.length === 0) select.append(...state.apps.map((app) => element('option', {}, app)));
};

const poll = async () => {
  try {
    const answer = await fetch('/local/state', { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.json());
    say('liveness', 'Shown as it happens.');
  } catch (error) {
    say('liveness', `The stack does not answer (${error.message}); what you see is old.`);
  }
  setTimeout(poll, pollMs);
};

byId('connect').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const { app, tenant, integration } = Object.fromEntries(form);
  const wanted = { app, tenant, integration, ...(form.has('reauthorize') ? { reauthorize: true } : {}) };
  const { ok, body } = await post('/connect-sessions', wanted);
  if (ok && body.connect_url) {
    location.assign(body.connect_url);
    return;
  }
  byId('connect-outcome').textContent = ok
    ? `${tenant}/${integration} is connected already, by ${body.connection_id}: no second grant is spent. Tick "Authorize again", or name another integration.`
    : (body.detail ?? body.message);
});

byId('switches').addEventListener('change', async ({ target }) => {
  const current = JSON.parse(shownSwitches)[target.name];
  const read = () => {
    if (target.type === 'checkbox') return target.checked;
    if (typeof current === 'number') return Number(target.value);
    if (typeof current === 'string' || target.value === '') return target.value || null;
    return current === null ? target.value : JSON.parse(target.value);
  };
  let outcome;
  try {
    outcome = await post('/local/switches', { [target.name]: read() });
  } catch (error) {
    outcome = { ok: false, body: { message: `${target.name}: ${error.message}` } };
  }
  shownSwitches = outcome.ok ? shownSwitches : '{}';
  byId('switches-outcome').textContent = outcome.ok ? `${target.name} is set.` : outcome.body.message;
});

poll();
