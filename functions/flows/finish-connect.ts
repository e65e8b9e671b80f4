/**
 * The callback: the session is consumed, the code exchanged, and the pair written first and alone; only then is
 * anything linked, configured or announced.
 *
 * Before the exchange everything that can fail is in hand: client secret, data keys, time. After it only the write is
 * left. A grant that is refused becomes a revocation duty before it is revoked.
 */
import { authorizationError } from '../core/authorization-error.ts';
import {
  claimOf,
  codeVerifierOf,
  cookieName,
  isBoundBrowser,
  isStateOf,
  sessionIdOfState,
} from '../core/browser-binding.ts';
import type { FailureClass } from '../core/error-table.ts';
import { AppMisconfiguredError, StoreUnavailableError } from '../core/errors.ts';
import { judgeTokenAnswer } from '../core/judge-token-answer.ts';
import { newId } from '../core/new-id.ts';
import type { ClientCredentials, Ports } from '../core/ports.ts';
import { callbackPath } from '../core/routes.ts';
import type { Secret } from '../core/secret.ts';
import type { Session, SessionError } from '../core/session.ts';
import { needsClaim } from '../core/session-claim.ts';
import { lostResponse, sessionStatus } from '../core/session-step.ts';
import { functionTimeNeededMs, httpTimeoutMs, leaseMs, leaseNeededMs } from '../core/time-limits.ts';
import { clientCredentials } from './client-credentials.ts';
import { consumeSession, release } from './consume-session.ts';
import { failSession } from './fail-session.ts';
import { type KeepGrantPorts, keepGrant } from './keep-grant.ts';
import { recordAttempt, recordEnd, recordLoss } from './record-grant.ts';
import type { Exchange } from './refuse-grant.ts';
import { freshCredentials } from './retry-with-fresh-secret.ts';
import { type SignInPorts, signIn } from './sign-in.ts';
import { requireOwnTable } from './table-gate.ts';
import { createVault, type Vault } from './vault.ts';

export type FinishConnectPorts = KeepGrantPorts & SignInPorts & Pick<Ports, 'publicUrl' | 'keys' | 'sealer'>;

/** The callback's parameters, each given at most once. */
export interface CallbackParameters {
  readonly state: string;
  readonly code?: Secret;
  readonly error?: string;
}

export type CallbackOutcome =
  /** No session has this state, or another browser began it: never redirects. */
  | { readonly kind: 'unknown_state' }
  | { readonly kind: 'foreign_browser' }
  | { readonly kind: 'outdated_state' }
  | { readonly kind: 'missing_code' }
  /** Over, with the outcome in the session; what the bound browser carries back, where the session waits for its claim. */
  | { readonly kind: 'outcome'; readonly session: Session; readonly claim?: string };

export type FinishConnect = (
  parameters: CallbackParameters,
  cookies: Readonly<Record<string, string>>,
  remainingTimeMs: () => number,
) => Promise<CallbackOutcome>;

export function createFinishConnect(ports: FinishConnectPorts): FinishConnect {
  const vault = createVault(ports);

  async function finish(
    parameters: CallbackParameters,
    cookies: Readonly<Record<string, string>>,
    remainingTimeMs: () => number,
  ): Promise<CallbackOutcome> {
    const sessionId = sessionIdOfState(parameters.state);
    const session = sessionId === undefined ? undefined : await ports.store.sessions.read(sessionId);
    if (session === undefined) return { kind: 'unknown_state' };
    const cookie = cookies[cookieName(session.id)];
    if (!isBoundBrowser(session, cookie)) return { kind: 'foreign_browser' };
    if (!isStateOf(session, parameters.state)) return { kind: 'outdated_state' };
    if (sessionStatus(session, ports.clock.now()) !== 'pending') return { kind: 'outcome', session };
    if (parameters.error !== undefined) return ended(ports, session, authorizationError(parameters.error));
    if (parameters.code === undefined) return { kind: 'missing_code' };
    // In a copy, a session that was consumed since is pending: its code would be sent twice.
    await requireOwnTable(ports);
    const prepared = await prepare(ports, vault, session, cookie, remainingTimeMs);
    if ('remedy' in prepared) return ended(ports, session, prepared);
    const consumed = await consumeSession(ports, session, prepared.attemptId, remainingTimeMs);
    if (!consumed.mine) return overtaken(consumed.session, ports.clock.now());
    return exchange(ports, vault, consumed.session, parameters.code, prepared, remainingTimeMs);
  }

  return async (parameters, cookies, remainingTimeMs) =>
    withClaim(await finish(parameters, cookies, remainingTimeMs), cookies, ports.clock.now());
}

/** Another callback was first, or the link was opened in another browser since this one's state was checked. */
function overtaken(session: Session, now: number): CallbackOutcome {
  return sessionStatus(session, now) === 'pending' ? { kind: 'outdated_state' } : { kind: 'outcome', session };
}

/** Only to the bound browser, which was checked, and only while it is of use. */
function withClaim(outcome: CallbackOutcome, cookies: Readonly<Record<string, string>>, now: number): CallbackOutcome {
  if (outcome.kind !== 'outcome') return outcome;
  const { session } = outcome;
  const cookie = cookies[cookieName(session.id)];
  if (sessionStatus(session, now) !== 'authorized' || !needsClaim(session)) return outcome;
  if (session.binding === undefined || !isBoundBrowser(session, cookie)) return outcome;
  return { ...outcome, claim: claimOf(session.binding, cookie) };
}

interface Prepared extends Exchange {
  readonly codeVerifier: Secret;
}

/** Everything that can fail, acquired before the session is consumed and the code is sent. */
async function prepare(
  ports: FinishConnectPorts,
  vault: Vault,
  session: Session,
  cookie: string,
  remainingTimeMs: () => number,
): Promise<Prepared | SessionError> {
  const app = ports.config.apps[session.app];
  if (app === undefined || session.binding === undefined) {
    return misconfigured(`The configuration has no app ${session.app} any more.`);
  }
  try {
    const [{ client, secrets }, keys] = await Promise.all([
      clientCredentials(ports, session.app, app),
      vault.ownKeys(session.id),
    ]);
    if (remainingTimeMs() < functionTimeNeededMs) return tooLate;
    const codeVerifier = codeVerifierOf(session.binding, cookie);
    return { attemptId: newId(ports.random), app, client, secrets, keys, codeVerifier };
  } catch (error) {
    if (!(error instanceof AppMisconfiguredError)) throw error;
    ports.log.error('The app cannot exchange codes.', { app: session.app, session_id: session.id, error });
    return misconfigured(`The app ${session.app} has no usable client secret.`);
  }
}

const tooLate: SessionError = {
  code: 'too_late',
  detail: 'Too little time was left to exchange the code safely; nothing was sent.',
  remedy: 'Open a new link.',
};

function misconfigured(detail: string): SessionError {
  return {
    code: 'app_misconfigured',
    detail,
    remedy:
      'Nothing was spent at Salesforce. The operator of this service must complete its set-up; then open a new link.',
  };
}

async function exchange(
  ports: FinishConnectPorts,
  vault: Vault,
  session: Session,
  code: Secret,
  prepared: Prepared,
  remainingTimeMs: () => number,
): Promise<CallbackOutcome> {
  if (prepared.app.purpose === 'api') await enterAttempt(ports, session, prepared.attemptId, remainingTimeMs);
  const timeIsLeft = () => {
    const leaseLeftMs = (session.attempt?.begunAt ?? 0) + leaseMs - ports.clock.now();
    return leaseLeftMs >= leaseNeededMs && remainingTimeMs() >= functionTimeNeededMs;
  };
  if (!timeIsLeft()) return madeNoGrant(ports, session, prepared, tooLate);
  const redirectUri = `${ports.publicUrl}${callbackPath}`;
  const { codeVerifier, client } = prepared;
  const send = async (credentials: ClientCredentials) => {
    const request = { code, redirectUri, codeVerifier };
    return judgeTokenAnswer(
      await ports.salesforce.exchangeCode(session.loginUrl, credentials, request, httpTimeoutMs),
      'code',
    );
  };
  const first = await send(client);
  const fresh = first.kind === 'refused' ? await freshCredentials(ports, session.app, client, first) : undefined;
  const judged = fresh !== undefined && timeIsLeft() ? await send(fresh) : first;
  switch (judged.kind) {
    case 'tokens': {
      const keep = prepared.app.purpose === 'sign_in' ? signIn : keepGrant;
      return {
        kind: 'outcome',
        session: await keep(ports, vault, session, judged.tokens, prepared, remainingTimeMs),
      };
    }
    case 'refused':
      ports.log.warn('Salesforce refused a code.', { session_id: session.id, error: judged.error });
      return madeNoGrant(ports, session, prepared, exchangeError(judged.error, judged.description, judged.class));
    case 'no_answer':
      ports.log.warn('Salesforce did not answer a code exchange.', { session_id: session.id, reason: judged.reason });
      return lost(ports, session, prepared);
  }
}

/** Whoever tries again at once is to be told of it: each loss may have made a grant that nobody holds. */
async function lost(
  ports: FinishConnectPorts,
  session: Session,
  { attemptId, app }: Prepared,
): Promise<CallbackOutcome> {
  if (app.purpose === 'api') await noted(ports, session, recordLoss(ports, session, attemptId));
  return ended(ports, session, lostResponse);
}

/** What the ledger misses is an orphan of its own accord before long, and nothing else depends on it. */
async function noted(ports: FinishConnectPorts, session: Session, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    ports.log.warn('The end of an attempt could not be noted.', { session_id: session.id, error });
  }
}

function exchangeError(error: string, description: string, failureClass: FailureClass): SessionError {
  const detail = `Salesforce refused the code: ${error}: ${description}.`;
  if (failureClass === 'dead') return { code: 'expired_code', detail, remedy: 'Open a new link and authorize again.' };
  if (failureClass === 'bug') {
    return { code: 'exchange_refused', detail, remedy: 'Open a new link, and finish it in the window where it began.' };
  }
  return {
    code: error === 'invalid_client' || error === 'invalid_client_id' ? 'app_misconfigured' : 'exchange_refused',
    detail,
    remedy:
      "Ask the operator of this service to compare the app's settings with Salesforce Setup; then open a new link.",
  };
}

/** In the ledger before its code is sent; where that cannot be, nothing is sent, and the page may be loaded again. */
async function enterAttempt(
  ports: FinishConnectPorts,
  session: Session,
  attemptId: string,
  remainingTimeMs: () => number,
): Promise<void> {
  const until = ports.clock.now() + Math.max(0, remainingTimeMs() - functionTimeNeededMs);
  try {
    await recordAttempt(ports, session, attemptId, { clock: ports.clock, until });
  } catch (error) {
    if (error instanceof StoreUnavailableError) await release(ports, session, attemptId, remainingTimeMs);
    throw error;
  }
}

async function madeNoGrant(
  ports: FinishConnectPorts,
  session: Session,
  { attemptId, app }: Prepared,
  error: SessionError,
): Promise<CallbackOutcome> {
  const end = { outcome: 'failed', reason: error.code } as const;
  if (app.purpose === 'api') await noted(ports, session, recordEnd(ports, session, attemptId, end));
  return ended(ports, session, error);
}

async function ended(ports: FinishConnectPorts, session: Session, error: SessionError): Promise<CallbackOutcome> {
  return { kind: 'outcome', session: await failSession(ports, session, error) };
}
