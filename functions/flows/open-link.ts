/**
 * A browser opens a connect link: the session is bound to it by a cookie, and it goes on to Salesforce.
 *
 * May be repeated, as mail scanners do: the newest binding wins until the callback. The browser that is bound already
 * keeps its binding, so a second tab does not cut off the first. Throws `TableRestoredError` on a copied table.
 */
import {
  bindingOf,
  codeChallengeOf,
  codeVerifierOf,
  cookieHeader,
  cookieName,
  isBoundBrowser,
  sessionIdOfLinkSecret,
  stateOf,
} from '../core/browser-binding.ts';
import { newId, newSalt, newSecretText } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { callbackPath } from '../core/routes.ts';
import type { Session } from '../core/session.ts';
import { bind, sessionStatus } from '../core/session-step.ts';
import { change } from './change.ts';
import { type GatePorts, requireOwnTable } from './table-gate.ts';

export type OpenLinkPorts = GatePorts & Pick<Ports, 'config' | 'publicUrl' | 'clock' | 'random' | 'store'>;

export type LinkOpening =
  | { readonly kind: 'go'; readonly location: string; readonly cookie: string }
  | { readonly kind: 'unknown' }
  /** Over, one way or the other. */
  | { readonly kind: 'ended'; readonly session: Session };

export async function openLink(
  ports: OpenLinkPorts,
  linkSecret: string,
  cookies: Readonly<Record<string, string>>,
): Promise<LinkOpening> {
  const sessionId = sessionIdOfLinkSecret(linkSecret);
  const known = await ports.store.sessions.read(sessionId);
  if (known === undefined) return { kind: 'unknown' };
  const shown = cookies[cookieName(sessionId)];
  const pending = sessionStatus(known, ports.clock.now()) === 'pending';
  // In a copied table no code is exchanged: nobody is sent to authorize in vain.
  if (pending) await requireOwnTable(ports);
  const kept = pending && isBoundBrowser(known, shown);
  const cookie = kept ? shown : newSecretText(ports.random);
  const session = kept ? known : await bound(ports, known, cookie);
  if (session === undefined) return { kind: 'unknown' };
  const app = ports.config.apps[session.app];
  const ended = app === undefined || sessionStatus(session, ports.clock.now()) !== 'pending';
  if (ended || session.binding === undefined) return { kind: 'ended', session };
  ports.metrics.add('ConnectLinksOpened', 1);
  const maxAgeSeconds = Math.ceil((session.expiresAt - ports.clock.now()) / 1_000);
  return {
    kind: 'go',
    cookie: cookieHeader(sessionId, cookie, maxAgeSeconds),
    location: authorizationUrl(ports, session, app.clientId, app.scopes, cookie),
  };
}

async function bound(ports: OpenLinkPorts, known: Session, cookie: string): Promise<Session | undefined> {
  const binding = bindingOf(known.id, cookie, newSalt(ports.random));
  const { item } = await change(
    ports.store.sessions,
    known.id,
    (current) => {
      const after = current && bind(current, binding, ports.clock.now());
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${newId(ports.random)}.bind`, seen: known },
  );
  return item;
}

/** RFC 6749 §4.1.1 with PKCE (RFC 7636 §4.3); the parameters of facts §2. */
function authorizationUrl(
  ports: OpenLinkPorts,
  session: Session,
  clientId: string,
  scopes: readonly string[],
  cookie: string,
): string {
  const url = new URL('/services/oauth2/authorize', session.loginUrl);
  const challenge = session.binding && codeChallengeOf(codeVerifierOf(session.binding, cookie));
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: `${ports.publicUrl}${callbackPath}`,
    scope: scopes.join(' '),
    state: stateOf(session.id, cookie),
    code_challenge: challenge,
    code_challenge_method: 'S256',
    login_hint: session.loginHint,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}
