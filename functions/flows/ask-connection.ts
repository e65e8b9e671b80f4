/**
 * Asks Salesforce for the first token of a connection without a browser, and keeps it: everything that can fail is in
 * hand before, the answer is checked as a callback's is, and its one durable write comes first.
 */
import { checkCodeAnswer, checkSignature, wrongSignature } from '../core/check-code-answer.ts';
import type { Connection, Flow } from '../core/connection.ts';
import { askOf, errorWords } from '../core/error-table.ts';
import { AppMisconfiguredError } from '../core/errors.ts';
import { connectionIdOf } from '../core/ids.ts';
import { authorizedAtOf, type Judgement, type TokenResponse } from '../core/judge-token-answer.ts';
import { type LoginWindow, withLogin } from '../core/login-window.ts';
import type { ClientCredentials, ClientSecretSet, Ports } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import type { SessionError } from '../core/session.ts';
import { causeOf } from '../core/settle-refusal.ts';
import { linkDutyId, type NewAuthorization } from '../core/store-grant.ts';
import { functionTimeNeededMs, leaseMs } from '../core/time-limits.ts';
import { askByAssertion, createAssertions } from './ask-by-assertion.ts';
import { createCircuitGuard } from './circuit-guard.ts';
import { clientCredentials } from './client-credentials.ts';
import { doDuties } from './do-duties.ts';
import type { ConnectionOrder, Introduced } from './introduce-connection.ts';
import { learnSession } from './learn-session.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';
import { type Ask, askAsClient } from './prepare-refresh.ts';
import { sealedGrant } from './refuse-grant.ts';
import { storeGrant } from './store-grant.ts';
import { storeTime } from './time-left.ts';
import { createVault, type OwnKeySet } from './vault.ts';

export type AskConnectionPorts = LinkPorts &
  Pick<Ports, 'config' | 'salesforce' | 'secrets' | 'signingKeys' | 'keys' | 'sealer'>;

/** Where its login was counted before it is sent: at its connection, or at its introduction while that is not known. */
export type LoginCount = { readonly connectionId: string } | { readonly logins: LoginWindow | undefined };

/** @param attemptId also the id of the grant that it may bring */
export type Asking = (
  order: ConnectionOrder,
  attemptId: string,
  counted: LoginCount,
  remainingTimeMs: () => number,
) => Promise<Introduced>;

interface Prepared {
  readonly ask: Ask;
  readonly client: ClientCredentials;
  readonly secrets: ClientSecretSet | undefined;
  readonly keys: OwnKeySet;
}

export function createAskConnection(ports: AskConnectionPorts): Asking {
  const vault = createVault(ports);
  const circuits = createCircuitGuard(ports);
  const assertions = createAssertions(ports);

  async function prepare({ app, appConfig, username = '', loginUrl }: ConnectionOrder, attemptId: string) {
    const keys = await vault.ownKeys(attemptId);
    if (appConfig.flow === 'jwt_bearer') {
      const signed = await assertions.signed({ name: app, app: appConfig, username, loginUrl });
      const ask: Ask = (timeIsLeft) => askByAssertion(ports, assertions, signed, timeIsLeft);
      return { ask, client: { clientId: appConfig.clientId }, secrets: undefined, keys };
    }
    const { client, secrets } = await clientCredentials(ports, app, appConfig);
    return { ask: askAsClient(ports, app, client, loginUrl), client, secrets, keys };
  }

  async function keep(
    order: ConnectionOrder,
    attemptId: string,
    tokens: TokenResponse,
    { client, secrets, keys }: Prepared,
    counted: LoginCount,
    begunAt: number,
    remainingTimeMs: () => number,
  ): Promise<Introduced> {
    const checked = checkCodeAnswer(tokens, {
      orgId: order.expectedOrgId,
      extraOrigin: ports.config.salesforceOrigin,
      refreshToken: false,
    });
    if (checked.kind === 'refused') return problem(refusedAnswer(checked.error));
    if (secrets !== undefined && checkSignature(tokens, secrets) === 'invalid')
      return problem(refusedAnswer(wrongSignature));
    const { orgId, userId, instanceUrl } = checked;
    const connectionId = connectionIdOf({ app: order.app, orgId, userId });
    const exchange = { attemptId, app: order.appConfig, keys };
    const incoming: NewAuthorization = {
      connectionId,
      app: order.app,
      orgId,
      userId,
      flow: order.appConfig.flow,
      // A token that Salesforce gives a second time says when it was first issued; this login is newer than that.
      authorizedAt: Math.max(authorizedAtOf(tokens, begunAt), begunAt),
      begunAt,
      // A refresh token is not asked for, and not kept where one comes all the same.
      grant: await sealedGrant(
        ports,
        vault,
        order,
        { ...tokens, refreshToken: undefined },
        exchange,
        connectionId,
        instanceUrl,
      ),
      username: order.username,
      logins: uncounted(counted, connectionId, begunAt),
      link: order.use && { sessionId: attemptId, ...order.use },
    };
    const persist = storeTime(ports.clock, begunAt + leaseMs, remainingTimeMs);
    const { result, connection } = await storeGrant(ports, incoming, persist);
    if (result === 'disconnected' || connection === undefined) return problem(disconnectedMeanwhile(connectionId));
    ports.metrics.add('Connected', 1);
    await settle(order, attemptId, connection, tokens, client);
    return { kind: 'connection', connectionId, created: true };
  }

  /** Nothing here can lose the token any more; what fails is done by `maintain`, or learnt at the next refresh. */
  async function settle(
    { app, username }: ConnectionOrder,
    attemptId: string,
    connection: Connection,
    tokens: TokenResponse,
    client: ClientCredentials,
  ): Promise<void> {
    try {
      if (username !== undefined) await ports.store.rememberUsername(app, username, connection.id);
      const doers = { link: linkDoer(ports) };
      const kept = await doDuties(ports, ports.store.connections, connection, doers, [linkDutyId(attemptId)]);
      if (kept.grant?.id === attemptId) await learnSession(ports, kept, tokens.accessToken, client);
    } catch (error) {
      ports.log.error('The token is stored; what follows is left to maintain.', {
        connection_id: connection.id,
        error,
      });
    }
  }

  return async (order, attemptId, counted, remainingTimeMs) => {
    const asked = await circuits.ask(order.app, attemptId);
    if (asked.kind === 'refused') return problem(misconfigured(asked.detail));
    try {
      const prepared = await prepare(order, attemptId);
      if (remainingTimeMs() < functionTimeNeededMs) return problem(tooLate);
      const begunAt = ports.clock.now();
      const judged = await prepared.ask(() => remainingTimeMs() >= functionTimeNeededMs);
      if (judged.kind === 'tokens') {
        const kept = await keep(order, attemptId, judged.tokens, prepared, counted, begunAt, remainingTimeMs);
        await asked.pass.settle({ kind: 'succeeded' });
        return kept;
      }
      // At another host than the app's own it may be the caller's mistake: one wrong login_url must not stop all others.
      if (judged.kind === 'refused' && judged.class === 'operator' && order.loginUrl === order.appConfig.loginUrl)
        await asked.pass.settle({ ...judged, kind: 'refused_app' });
      ports.log.warn('A connection without a browser was not made.', {
        app: order.app,
        attempt: attemptId,
        ...wordsOf(judged),
      });
      return problem(problemOf(judged, order.appConfig.flow));
    } catch (error) {
      if (!(error instanceof AppMisconfiguredError)) throw error;
      ports.log.error('The app cannot ask for tokens.', { app: order.app, error });
      return problem(misconfigured(error.message));
    } finally {
      await asked.pass.settle({ kind: 'inconclusive' });
    }
  };
}

/** What the connection has to count yet; one of another user than was known counts this login alone. */
function uncounted(counted: LoginCount, connectionId: string, begunAt: number): LoginWindow | undefined {
  if ('connectionId' in counted) {
    return counted.connectionId === connectionId ? undefined : withLogin(undefined, begunAt);
  }
  return counted.logins ?? withLogin(undefined, begunAt);
}

function problem(one: Problem): Introduced {
  return { kind: 'problem', problem: one };
}

function wordsOf(judged: Exclude<Judgement, { kind: 'tokens' }>): Record<string, string> {
  if (judged.kind === 'no_answer') return { reason: judged.reason };
  return { class: judged.class, error: judged.error, description: judged.description };
}

function problemOf(judged: Exclude<Judgement, { kind: 'tokens' }>, flow: Flow): Problem {
  if (judged.kind === 'no_answer') {
    const detail = `Salesforce did not answer (${judged.reason}); ask again after Retry-After seconds. Nothing is spent by it.`;
    return { code: 'refresh_pending', detail, retryAfterSeconds: 30 };
  }
  const { error, description } = judged;
  const { meaning, remedy } = errorWords(error, description, askOf(flow));
  const said = `Salesforce refused: ${error}: ${description}. ${meaning}`;
  switch (judged.class) {
    case 'admin':
    case 'dead':
      return { code: 'admin_action_required', detail: said, members: { cause: causeOf(judged), remedy } };
    case 'operator':
    case 'bug':
      return { ...misconfigured(said), members: { remedy } };
    case 'transient':
    case 'busy':
    case 'unknown':
      return { code: 'refresh_pending', detail: `${said} ${remedy}`, retryAfterSeconds: 60 };
  }
}

function misconfigured(detail: string): Problem {
  return { code: 'app_misconfigured', detail, retryAfterSeconds: 60 };
}

function refusedAnswer({ code, detail, remedy }: SessionError): Problem {
  if (code === 'wrong_org') {
    return { code: 'invalid_request', field: 'expected_org_id', detail: `${detail} Nothing was kept or linked.` };
  }
  return { ...misconfigured(detail), members: { cause: code, remedy } };
}

function disconnectedMeanwhile(connectionId: string): Problem {
  const detail = `Connection ${connectionId} was disconnected while it was being made; ask again if it shall be there.`;
  return { code: 'disconnected', detail };
}

const tooLate: Problem = {
  code: 'refresh_pending',
  detail: 'Too little time was left to ask Salesforce safely; nothing was sent. Ask again.',
  retryAfterSeconds: 1,
};
