/**
 * The page on which to pick an org and a user and to allow or deny, and the pages on which Salesforce keeps a browser.
 */
import type { AuthorizeRequest } from './authorize-request.ts';
import { nameOf, type SimulatorOrg, type SimulatorUser } from './orgs.ts';
import { html, Markup, page } from './pages.ts';

export interface AuthorizePage {
  request: AuthorizeRequest;
  /** The query of the request, which the form sends along. */
  query: string;
  orgs: readonly SimulatorOrg[];
}

export function authorizePage({ request, query, orgs }: AuthorizePage): Response {
  const users = orgs.flatMap((org) => (org.active === false ? [] : org.users)).filter((user) => user.active);
  const chosen = users.find((user) => user.username === request.loginHint) ?? users[0];
  const scopes = request.scopes.map((scope) => html`<li><code>${scope}</code></li>`);
  return page(
    'Allow access?',
    html`<p>The app <code>${nameOf(request.app)}</code> asks for:</p>
<ul>${scopes}</ul>
<form method="post" action="/simulator/decide">
<input type="hidden" name="query" value="${query}">
${orgs.map((org) => orgChoice(org, chosen))}
<div class="actions">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>`,
  );
}

/** For errors that Salesforce never sends to the client. */
export function errorPage(error: string, description: string, status: number): Response {
  return page(
    'This cannot be authorized',
    html`<p><code>error=${error}</code></p>
<p><code>error_description=${description}</code></p>
<p>Salesforce shows such an error itself: the app that sent you here does not hear of it.</p>`,
    status,
  );
}

export function unavailablePage(): Response {
  return page('Service Unavailable', html`<p>The server is temporarily unable to service your request.</p>`, 503);
}

export function maintenancePage(): Response {
  return page('We are down for maintenance', html`<p>Sorry for the inconvenience. We'll be back shortly.</p>`);
}

export function notFoundPage(path: string): Response {
  return page('URL No Longer Exists', html`<p>There is nothing at <code>${path}</code>.</p>`, 404);
}

function orgChoice(org: SimulatorOrg, chosen: SimulatorUser | undefined): Markup {
  return html`<fieldset>
<legend>${org.name}</legend>
${org.users.map((user) => userChoice({ ...user, active: user.active && org.active !== false }, user.id === chosen?.id))}
</fieldset>`;
}

function userChoice({ id, name, username, active }: SimulatorUser, chosen: boolean): Markup {
  const attributes = new Markup(`${chosen ? ' checked' : ''}${active ? '' : ' disabled'}`);
  return html`<label><input type="radio" name="user" value="${id}"${attributes} required>
<span>${name} <small>${active ? username : `${username} (inactive)`}</small></span></label>`;
}
