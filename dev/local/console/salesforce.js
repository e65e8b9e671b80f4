// The orgs and apps of the simulator: what an administrator does to them, and what users and services of a customer do.
import { byId, draw, element, keep, mark, post, say } from './elements.js';

const button = (act, id, text, of, enabled = true) => {
  const node = keep(
    `${act}-${id}`,
    element('button', { type: 'button' }, text, element('span', { className: 'heard' }, ` ${of}`)),
  );
  node.dataset.act = act;
  node.dataset.id = id;
  // Not `disabled`, which would lose the focus of whoever just pressed it.
  if (!enabled) node.setAttribute('aria-disabled', 'true');
  return node;
};

const user = ({ id, username, active, live_grants }) =>
  element(
    'li',
    {},
    mark(username, active),
    element('span', { className: 'soft' }, ` ${active ? `${live_grants} live` : 'inactive'} `),
    active
      ? button('deactivate-user', id, 'Deactivate', username)
      : button('reactivate-user', id, 'Reactivate', username),
  );

const org = ({ id, name, active, live_grants, users }) =>
  element(
    'li',
    {},
    element('h3', {}, name),
    element('p', { className: 'soft' }, `${id} · ${active ? 'active' : 'inactive'} · ${live_grants} live grants`),
    element(
      'p',
      { className: 'buttons' },
      button('connect-users', id, 'Connect its users', `(${name})`),
      button('use-token', id, 'Use one token', `(${name})`),
      button('use-tokens', id, 'Use all tokens', `(${name})`),
      button('revoke-org', id, 'Revoke all grants', `(${name})`, live_grants > 0),
      active
        ? button('deactivate-org', id, 'Deactivate the org', `(${name})`)
        : button('reactivate-org', id, 'Reactivate the org', `(${name})`),
    ),
    keep(
      `users-${id}`,
      element(
        'details',
        {},
        keep(
          `users-summary-${id}`,
          element('summary', {}, `${users.length} users`, element('span', { className: 'heard' }, ` of ${name}`)),
        ),
        element('ul', {}, ...users.map(user)),
      ),
    ),
  );

const app = ({ name, client_id, live_grants }) =>
  element(
    'li',
    {},
    element('h3', {}, `App ${name}`),
    element('p', { className: 'soft' }, `${client_id} · ${live_grants} live grants in all orgs`),
    element(
      'p',
      { className: 'buttons' },
      button('revoke-app', client_id, 'Revoke in every org', `(${name})`, live_grants > 0),
    ),
  );

export const drawSalesforce = ({ orgs, apps }) =>
  draw('orgs', { orgs, apps }, () => [...orgs.map(org), ...apps.map(app)]);

byId('orgs').addEventListener('click', async ({ target }) => {
  const pressed = target.closest('button[data-act]');
  if (pressed === null) return;
  if (pressed.getAttribute('aria-disabled') === 'true') {
    say('orgs-outcome', 'There is nothing to revoke.');
    return;
  }
  say('orgs-outcome', 'Under way…');
  try {
    const { body } = await post('/local/acts', { act: pressed.dataset.act, id: pressed.dataset.id });
    say('orgs-outcome', body.message);
  } catch (error) {
    say('orgs-outcome', `It did not work: ${error.message}`);
  }
});
