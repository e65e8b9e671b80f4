/**
 * A connection without a browser: an assertion for a user who was pre-authorized, or the client itself. Where it is
 * there already, nothing is asked; concurrent callers cause one login. The answer is checked, written and linked as a
 * callback's is.
 */
import type { AppConfig } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import type { LinkDuty } from '../core/duty.ts';
import type { Introduction } from '../core/introduction.ts';
import { introductionIdOf } from '../core/introduction.ts';
import {
  decideIntroduction,
  endIntroduction,
  type IntroductionDecision,
  type IntroductionEnd,
} from '../core/introduction-step.ts';
import { nextLoginAt, withLogin } from '../core/login-window.ts';
import { newId } from '../core/new-id.ts';
import type { IntegrationKey } from '../core/ports.ts';
import type { Problem, ProblemCode } from '../core/problem.ts';
import { problems } from '../core/problem.ts';
import { type AskConnectionPorts, type Asking, createAskConnection, type LoginCount } from './ask-connection.ts';
import { change } from './change.ts';
import { shareConnection } from './share-connection.ts';
import { type GatePorts, requireOwnTable } from './table-gate.ts';

export type IntroducePorts = AskConnectionPorts & GatePorts;

/** The validated body of `POST /connections`. */
export interface ConnectionOrder {
  /** The app's name. */
  readonly app: string;
  readonly appConfig: AppConfig;
  /** With flow `jwt_bearer`. */
  readonly username?: string;
  readonly loginUrl: string;
  readonly expectedOrgId?: string;
  readonly use?: IntegrationKey & Pick<LinkDuty, 'takesFrom' | 'configuration'>;
}

export type Introduced =
  | { readonly kind: 'connection'; readonly connectionId: string; readonly created: boolean }
  | { readonly kind: 'problem'; readonly problem: Problem };

export type IntroduceConnection = (order: ConnectionOrder, remainingTimeMs: () => number) => Promise<Introduced>;

type Failure = NonNullable<Introduction['lastFailure']>;

const waitAtMostMs = 20_000;
const firstPollMs = 100;
const longestPollMs = 1_000;

export function createIntroduceConnection(ports: IntroducePorts): IntroduceConnection {
  const ask = createAskConnection(ports);

  return async (order, remainingTimeMs) => {
    const id = introductionIdOf(order.app, order.loginUrl, order.username);
    const deadline = ports.clock.now() + waitAtMostMs;
    let pollMs = firstPollMs;
    let awaited: string | undefined;
    for (;;) {
      const introduction = await ports.store.introductions.read(id);
      const connection = await known(ports, order, introduction);
      const there = await existing(ports, order, connection);
      if (there !== undefined) return there;
      await requireOwnTable(ports);
      const failure = introduction?.lastFailure;
      if (awaited !== undefined && failure?.attempt === awaited && isOfAll(failure)) return failed(failure);
      const asking = await begin(ports, order, id, introduction, connection);
      if (asking.kind === 'paced') return tooMany(asking.until - ports.clock.now());
      if (asking.kind === 'mine') return conclude(ports, order, id, asking, ask, remainingTimeMs);
      awaited = asking.attempt;
      if (ports.clock.now() >= deadline) return underWay();
      await ports.clock.wait(pollMs);
      pollMs = Math.min(longestPollMs, pollMs * 2);
    }
  };
}

/** There, active, and of the expected org: linked where an integration is named, and nothing is asked of Salesforce. */
async function existing(
  ports: IntroducePorts,
  order: ConnectionOrder,
  connection: Connection | undefined,
): Promise<Introduced | undefined> {
  if (connection?.status !== 'active' || connection.grant?.loginUrl !== order.loginUrl) return undefined;
  if (order.expectedOrgId !== undefined && order.expectedOrgId !== connection.orgId) {
    return { kind: 'problem', problem: otherOrg(order.expectedOrgId, connection.orgId) };
  }
  if (order.use !== undefined && (await share(ports, connection, order.use)) === 'gone') return undefined;
  return { kind: 'connection', connectionId: connection.id, created: false };
}

/** Made before for this user or client, whatever became of it. */
async function known(
  { store }: IntroducePorts,
  { app, appConfig, username }: ConnectionOrder,
  introduction: Introduction | undefined,
): Promise<Connection | undefined> {
  const id =
    introduction?.connectionId ??
    (username === undefined ? undefined : await store.connectionOfUsername(app, username));
  const connection = id === undefined ? undefined : await store.connections.read(id);
  if (connection?.flow !== appConfig.flow) return undefined;
  if (username === undefined) return connection;
  return connection.username?.toLowerCase() === username.toLowerCase() ? connection : undefined;
}

/** A configuration in the request applies as by PUT. */
async function share(
  ports: IntroducePorts,
  connection: Connection,
  use: NonNullable<ConnectionOrder['use']>,
): Promise<'shared' | 'gone'> {
  const { tenant, integration, configuration } = use;
  const before = await ports.store.integrations.read({ tenant, integration });
  const isLinked = before?.connectionId === connection.id && before.status !== 'unlinked';
  if (isLinked && configuration === undefined) return 'shared';
  return shareConnection(ports, connection, { ...use, seenAt: before?.linkedAt });
}

type Begun =
  | { readonly kind: 'mine'; readonly attemptId: string; readonly counted: LoginCount }
  | Extract<IntroductionDecision, { kind: 'wait' | 'paced' }>;

async function begin(
  ports: IntroducePorts,
  { appConfig }: ConnectionOrder,
  id: string,
  seen: Introduction | undefined,
  connection: Connection | undefined,
): Promise<Begun> {
  const attemptId = newId(ports.random);
  const { loginsPerHour } = appConfig;
  type Began = 'mine' | Exclude<Begun, { kind: 'mine' }>;
  const { result, item } = await change<string, Introduction, Began>(
    ports.store.introductions,
    id,
    (current) => {
      const decision = decideIntroduction(current, id, attemptId, loginsPerHour, ports.clock.now(), connection);
      if (decision.kind === 'ask') return { write: decision.after, result: 'mine' };
      return { keep: true, result: decision.kind === 'asking' ? 'mine' : decision };
    },
    { writeId: `${attemptId}.begin`, ...(seen === undefined ? {} : { seen }) },
  );
  if (result !== 'mine') return result;
  const counted = connection === undefined ? { logins: item?.logins } : { connectionId: connection.id };
  return { kind: 'mine', attemptId, counted };
}

/** Asks, and tells those who wait. */
async function conclude(
  ports: IntroducePorts,
  order: ConnectionOrder,
  id: string,
  { attemptId, counted }: Extract<Begun, { kind: 'mine' }>,
  ask: Asking,
  remainingTimeMs: () => number,
): Promise<Introduced> {
  try {
    const paced = await countLogin(ports, order, attemptId, counted);
    const introduced = paced ?? (await ask(order, attemptId, counted, remainingTimeMs));
    await end(ports, id, attemptId, introduced);
    return introduced;
  } catch (error) {
    const detail = 'It failed on our side; ask again.';
    const problem: Problem = { code: 'store_unavailable', detail, retryAfterSeconds: 5 };
    await end(ports, id, attemptId, { kind: 'problem', problem }).catch(() => {});
    throw error;
  }
}

/** At the connection, where it is known: whatever becomes of the login, its refreshes see that it was sent. */
async function countLogin(
  { store, clock }: IntroducePorts,
  { appConfig }: ConnectionOrder,
  attemptId: string,
  counted: LoginCount,
): Promise<Introduced | undefined> {
  if (!('connectionId' in counted)) return undefined;
  const { result } = await change<string, Connection, Introduced | undefined>(
    store.connections,
    counted.connectionId,
    (current) => {
      if (current === undefined) return { keep: true, result: undefined };
      const now = clock.now();
      const at = nextLoginAt(current.logins, appConfig.loginsPerHour, now);
      if (at > now) return { keep: true, result: tooMany(at - now) };
      return { write: { ...current, logins: withLogin(current.logins, now) }, result: undefined };
    },
    { writeId: `${attemptId}.login` },
  );
  return result;
}

async function end(ports: IntroducePorts, id: string, attemptId: string, introduced: Introduced): Promise<void> {
  const how =
    introduced.kind === 'connection' ? { connectionId: introduced.connectionId } : failureOf(introduced.problem);
  await change<string, Introduction, undefined>(
    ports.store.introductions,
    id,
    (current) => {
      const after = current && endIntroduction(current, attemptId, how, ports.clock.now());
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${attemptId}.end` },
  );
}

function failureOf({ code, detail, members }: Problem): IntroductionEnd {
  return { code, detail, ...(members === undefined ? {} : { members }) };
}

/** What an order was wrong about, its expected org, says nothing of the others'; each learns of its own. */
function isOfAll({ code }: Failure): boolean {
  return code !== 'invalid_request';
}

/** What whoever was waited for has found. A code of another release is one to ask again for. */
function failed({ code, detail, members }: Failure): Introduced {
  const known = Object.hasOwn(problems, code) ? (code as ProblemCode) : 'refresh_pending';
  const retryAfterSeconds = retryable(known) ? 5 : undefined;
  return { kind: 'problem', problem: { code: known, detail, members, retryAfterSeconds } };
}

function retryable(code: ProblemCode): boolean {
  return problems[code].status === 503 || problems[code].status === 429;
}

function otherOrg(expected: string, found: string): Problem {
  const detail = `expected_org_id is ${expected}, and this user is of org ${found}: nothing was linked; check the username and the org`;
  return { code: 'invalid_request', field: 'expected_org_id', detail };
}

function tooMany(waitMs: number): Introduced {
  const detail =
    'The hour has seen many logins of this user; Salesforce refuses them all from 3,600 on, so the next one waits. Ask again after Retry-After seconds.';
  return { kind: 'problem', problem: { code: 'rate_limited', detail, retryAfterSeconds: Math.ceil(waitMs / 1_000) } };
}

function underWay(): Introduced {
  const detail = 'Another request is making this very connection; ask again in a few seconds.';
  return { kind: 'problem', problem: { code: 'refresh_pending', detail, retryAfterSeconds: 5 } };
}
