/**
 * Hands out an access token that works. A live one is one strongly consistent read and no call to Salesforce; a stale
 * one is waited for while a refresh is in flight, or asked of `refresh`, which goes on if the reader does not wait.
 *
 * Never refreshes by itself: this Lambda has no client secret, opens no refresh token and writes no token.
 */
import type { Connection } from '../core/connection.ts';
import { foreignHostMessage } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { isSalesforceUrl } from '../core/hosts.ts';
import { newId } from '../core/new-id.ts';
import type { Ports, RefreshReport, RefreshRequest } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import {
  decideRead,
  decideReadMark,
  decideRejection,
  type ReadDecision,
  staleOrPending,
} from '../core/read-decision.ts';
import type { Secret } from '../core/secret.ts';
import { change } from './change.ts';
import { createVault, openAccessToken, type Vault } from './vault.ts';
import { takePlace, type WaitingPlace } from './waiting-place.ts';

export type ReadTokenPorts = Pick<
  Ports,
  'config' | 'clock' | 'random' | 'store' | 'keys' | 'sealer' | 'refresher' | 'log' | 'metrics'
>;

export type TokenReading =
  | { readonly kind: 'token'; readonly token: Secret; readonly grant: Grant; readonly stale: boolean }
  | { readonly kind: 'problem'; readonly problem: Problem };

export interface ReadOrder {
  readonly connectionId: string;
  readonly tenant?: string;
  readonly rejectedTokenSha256?: string;
}

export type ReadToken = (order: ReadOrder) => Promise<TokenReading>;

const waitAtMostMs = 20_000;
const firstPollMs = 100;
const longestPollMs = 1_000;
const asksAtMost = 3;
const turnedAwayAtLeastMs = 5_000;
const turnedAwayJitterMs = 10_000;

/** What all readers of a process share. */
interface Shared {
  readonly vault: Vault;
  readonly marks: boolean;
  readonly waitingReaders: number;
  /** Generations that this process has marked as read. */
  readonly marked: Set<string>;
}

export interface ReadTokenOptions {
  /** A read tells that the connection is in use, and keeps it fresh; not those of our own configuration step. @default true */
  readonly marks?: boolean;
  /** Readers of one org that may wait for refreshes at once. @default 200 */
  readonly waitingReaders?: number;
}

const marksRemembered = 10_000;

export function createReadToken(ports: ReadTokenPorts, options: ReadTokenOptions = {}): ReadToken {
  const { marks = true, waitingReaders = 200 } = options;
  const shared: Shared = { vault: createVault(ports), marks, waitingReaders, marked: new Set() };

  return async (order) => {
    const found = await find(ports, order);
    if (found === undefined) return { kind: 'problem', problem: unknownConnection(order) };
    const reading = await readUntil(ports, shared, found, order.rejectedTokenSha256);
    return reading.kind === 'problem'
      ? { ...reading, problem: await withConnect(ports, reading.problem, order) }
      : reading;
  };
}

async function find(ports: ReadTokenPorts, { connectionId, tenant }: ReadOrder): Promise<Connection | undefined> {
  if (tenant === undefined) return ports.store.connections.read(connectionId);
  const [connection, uses] = await Promise.all([
    ports.store.connections.read(connectionId),
    ports.store.usesOf(connectionId, 1, tenant),
  ]);
  return uses.length === 0 ? undefined : connection;
}

function unknownConnection({ connectionId, tenant }: ReadOrder): Problem {
  const whose = tenant === undefined ? '' : ` with an integration of tenant ${tenant}`;
  return { code: 'unknown_connection', detail: `There is no connection ${connectionId}${whose}.` };
}

/** Marks the rejected token, if one is named and it is the stored one; `limited` where that happens too often. */
async function reject(
  ports: ReadTokenPorts,
  connection: Connection,
  sha256: string | undefined,
): Promise<{ connection: Connection; limited?: Problem }> {
  if (sha256 === undefined) return { connection };
  const { result, item } = await change<string, Connection, Problem | undefined>(
    ports.store.connections,
    connection.id,
    (current) => {
      if (current === undefined) return { keep: true, result: undefined };
      const decision = decideRejection(current, sha256, ports.clock.now());
      if (decision.kind === 'reject') return { write: decision.after, result: undefined };
      return { keep: true, result: decision.kind === 'limited' ? decision.problem : undefined };
    },
    { writeId: `${newId(ports.random)}.reject`, seen: connection },
  );
  return { connection: item ?? connection, limited: result };
}

async function readUntil(
  ports: ReadTokenPorts,
  shared: Shared,
  first: Connection,
  rejectedSha256: string | undefined,
): Promise<TokenReading> {
  const deadline = ports.clock.now() + waitAtMostMs;
  const { connection, limited } = await reject(ports, first, rejectedSha256);
  if (limited !== undefined) return { kind: 'problem', problem: limited };
  const decision = decideRead(connection, ports.clock.now());
  if (decision.kind === 'problem') return decision;
  if (decision.kind === 'serve') return serve(ports, shared, connection, decision);
  const place = await takePlace(ports, connection.orgId, shared.waitingReaders);
  let served = false;
  try {
    const reading = await waitForToken(ports, shared, connection, rejectedSha256, place, deadline);
    // One that is handed out for want of a newer says nothing for Salesforce.
    served = reading.kind === 'token' && !reading.stale;
    return reading;
  } finally {
    await place.leave(served);
  }
}

async function waitForToken(
  ports: ReadTokenPorts,
  shared: Shared,
  first: Connection,
  rejectedSha256: string | undefined,
  place: WaitingPlace,
  deadline: number,
): Promise<TokenReading> {
  let found = first;
  let pollMs = firstPollMs;
  let waits = 0;
  for (let asks = 0; ; ) {
    // Each time: disconnected and made again meanwhile, a connection may have been given the very same token.
    const { connection, limited } = await reject(ports, found, rejectedSha256);
    if (limited !== undefined) return { kind: 'problem', problem: limited };
    const decision = decideRead(connection, ports.clock.now());
    if (decision.kind === 'problem') return decision;
    if (decision.kind === 'serve') return serve(ports, shared, connection, decision);
    const leftMs = deadline - ports.clock.now();
    if (leftMs <= 0 || asks >= asksAtMost) return pending(ports, shared, connection);
    if (place.isHopeless()) {
      ports.metrics.add('ReadersTurnedAway', 1);
      return pending(ports, shared, connection, turnedAwayMs(ports));
    }
    if (decision.kind === 'refresh' && place.inFront) {
      asks += 1;
      const report = await ask(ports, decision.request, leftMs);
      if (report?.outcome === 'app_misconfigured') return appMisconfigured(connection, report);
      if (report === undefined) return pending(ports, shared, connection);
      // What a refresh just brought and still cannot be served, or put off, another would not mend.
      if (report.outcome === 'refreshed' || report.outcome === 'backing_off') asks = asksAtMost;
    } else {
      // Once for a reader: how many lived off another's refresh, not how often they looked.
      if (waits === 0) ports.metrics.add('SingleFlightWaits', 1);
      waits += 1;
      await ports.clock.wait(Math.min(pollMs, leftMs));
      pollMs = Math.min(longestPollMs, pollMs * 2);
      await place.lookAgain();
    }
    const again = await ports.store.connections.read(connection.id);
    if (again === undefined) return { kind: 'problem', problem: unknownConnection({ connectionId: connection.id }) };
    found = again;
  }
}

/** `undefined`: no report in time, or the invocation failed. The refresh goes on in its own function either way. */
async function ask(ports: ReadTokenPorts, request: RefreshRequest, leftMs: number): Promise<RefreshReport | undefined> {
  const asked = ports.refresher.refresh(request).catch((error: unknown) => {
    ports.log.error('The refresh function could not be invoked.', { connection_id: request.connectionId, error });
    return undefined;
  });
  ports.metrics.add('RefreshesAsked', 1);
  const stop = new AbortController();
  try {
    return await Promise.race([asked, ports.clock.wait(leftMs, stop.signal).then(() => undefined)]);
  } finally {
    stop.abort();
  }
}

async function serve(
  ports: ReadTokenPorts,
  shared: Shared,
  connection: Connection,
  { grant, stale }: Extract<ReadDecision, { kind: 'serve' }>,
): Promise<TokenReading> {
  // The reader sends its token there; who may write the item, and open no seal, must not choose where.
  if (!isSalesforceUrl(grant.instanceUrl, ports.config.salesforceOrigin)) {
    const detail = foreignHostMessage('instance', grant.instanceUrl);
    ports.log.error('A token is not handed out.', { connection_id: connection.id, detail });
    return appMisconfigured(connection, { detail });
  }
  const [token] = await Promise.all([
    openAccessToken(shared.vault, connection.id, connection.orgId, grant),
    mark(ports, shared, connection),
  ]);
  ports.metrics.add(stale ? 'StaleTokensServed' : 'TokensServed', 1);
  return { kind: 'token', token, grant, stale };
}

/**
 * Once per refresh cycle and process, whoever of its readers comes first. A mark that cannot be made costs the reader
 * nothing: another process's read, or the next cycle's, makes it.
 */
async function mark(ports: ReadTokenPorts, { marks, marked }: Shared, connection: Connection): Promise<void> {
  if (!marks) return;
  const after = decideReadMark(connection);
  const generation = `${connection.id} ${connection.grant?.id} ${connection.grant?.refreshes}`;
  if (after === undefined || marked.has(generation)) return;
  if (marked.size >= marksRemembered) marked.clear();
  marked.add(generation);
  const write = { ...after, revision: connection.revision + 1, writeId: `${newId(ports.random)}.read` };
  try {
    const written = await ports.store.connections.replace(connection, write);
    if (written === 'conflict') marked.delete(generation);
  } catch (error) {
    marked.delete(generation);
    ports.log.warn('A read could not be marked.', { connection_id: connection.id, error });
  }
}

/** Not all at once: a crowd that comes back together takes the gateway's rate from others, however fast it is answered. */
function turnedAwayMs({ random }: ReadTokenPorts): number {
  return turnedAwayAtLeastMs + Math.floor(random.fraction() * turnedAwayJitterMs);
}

/** The reader has waited long enough; the refresh goes on in its own function. */
async function pending(
  ports: ReadTokenPorts,
  shared: Shared,
  connection: Connection,
  againMs?: number,
): Promise<TokenReading> {
  const { grant } = connection;
  if (grant === undefined) {
    return { kind: 'problem', problem: unknownConnection({ connectionId: connection.id }) };
  }
  const now = ports.clock.now();
  const nextRefreshAt = againMs === undefined ? Math.min(connection.nextRefreshAt ?? now, now + 5_000) : now + againMs;
  const soon = { ...connection, nextRefreshAt };
  const decision = staleOrPending(soon, grant, now);
  if (decision.kind === 'serve') return serve(ports, shared, connection, decision);
  return decision;
}

function appMisconfigured({ app }: Connection, { detail }: Pick<RefreshReport, 'detail'>): TokenReading {
  const problem: Problem = {
    code: 'app_misconfigured',
    detail: `App ${app} cannot refresh; its tokens are kept. ${detail ?? ''}`.trim(),
    retryAfterSeconds: 60,
  };
  return { kind: 'problem', problem };
}

/** The body for `POST /connect-sessions` that cures it. */
async function withConnect(ports: ReadTokenPorts, problem: Problem, order: ReadOrder): Promise<Problem> {
  if (problem.code !== 'reauthorization_required') return problem;
  const [use] = await ports.store.usesOf(order.connectionId, 1, order.tenant);
  const [app] = order.connectionId.split('.');
  const connect = { app, ...(use ?? {}), ...(use === undefined ? {} : { connection_id: order.connectionId }) };
  return { ...problem, members: { ...problem.members, connect } };
}
