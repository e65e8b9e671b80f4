/**
 * Refreshes one connection: read, claim, send, settle. One read and two writes where nothing interferes.
 *
 * Everything that can fail is acquired before the claim: client secret, data keys, the opened refresh token. After the
 * response only the write is left. Outcomes are settled on the item as it is then, never on the one that was read.
 */
import { decideClaim, functionTimeNeededMs, httpTimeoutMs, leaseNeededMs, withdrawClaim } from '../core/claim.ts';
import type { Connection } from '../core/connection.ts';
import { AppMisconfiguredError } from '../core/errors.ts';
import { type Grant, generationOf } from '../core/grant.ts';
import { judgeTokenAnswer } from '../core/judge-token-answer.ts';
import { newId } from '../core/new-id.ts';
import type { Ports, RefreshReport, RefreshRequest } from '../core/ports.ts';
import { report } from '../core/refresh-report.ts';
import { deadConfirmMs, type SentAttempt } from '../core/settle-refresh.ts';
import { change } from './change.ts';
import { clientCredentials } from './client-credentials.ts';
import { commitTokens, type Prepared, recordNoAnswer, recordRefusal, type SettlePorts } from './settle-answer.ts';
import { createVault, type Vault } from './vault.ts';

export type RefreshPorts = SettlePorts & Pick<Ports, 'keys' | 'sealer' | 'secrets'>;

export type RefreshConnection = (request: RefreshRequest, remainingTimeMs: () => number) => Promise<RefreshReport>;

export function createRefreshConnection(ports: RefreshPorts): RefreshConnection {
  const vault = createVault(ports);

  return async (request, remainingTimeMs) => {
    const first = await refreshOnce(ports, vault, request, remainingTimeMs);
    if (first.report.outcome !== 'backing_off' || !first.confirmDeath) return first.report;
    // Seen dead once. The second look is a claim of its own, so store and generation are read again in between.
    if (remainingTimeMs() < functionTimeNeededMs + deadConfirmMs + 1_000) return first.report;
    await ports.clock.wait(deadConfirmMs);
    const second = await refreshOnce(ports, vault, { ...request, reason: 'due' }, remainingTimeMs);
    return second.report;
  };
}

interface Once {
  readonly report: RefreshReport;
  readonly confirmDeath?: boolean;
}

async function refreshOnce(
  ports: RefreshPorts,
  vault: Vault,
  request: RefreshRequest,
  remainingTimeMs: () => number,
): Promise<Once> {
  const connection = await ports.store.connections.read(request.connectionId);
  if (connection === undefined) return { report: report('unknown_connection') };
  const attemptId = newId(ports.random);
  const early = decideClaim(connection, request, ports.clock.now(), attemptId);
  if (early.kind === 'skip') return { report: report(early.outcome) };
  const prepared = await prepare(ports, vault, connection);
  if (!('client' in prepared)) return { report: prepared };
  const claimed = await claim(ports, connection, request, attemptId);
  if (!('grant' in claimed)) return { report: claimed };
  return send(ports, vault, claimed, attemptId, prepared, remainingTimeMs);
}

async function prepare(ports: RefreshPorts, vault: Vault, connection: Connection): Promise<Prepared | RefreshReport> {
  const app = ports.config.apps[connection.app];
  const { grant, orgId } = connection;
  if (app === undefined) {
    return report('app_misconfigured', `The configuration has no app ${connection.app}.`);
  }
  if (grant?.refreshToken === undefined) return report('not_needed');
  try {
    const context = { connectionId: connection.id, grantId: grant.id, purpose: 'refresh' } as const;
    const [{ client }, accessKey, refreshKey, refreshToken] = await Promise.all([
      clientCredentials(ports, connection.app, app),
      vault.orgKey(orgId, 'access'),
      vault.orgKey(orgId, 'refresh'),
      vault.open(grant.refreshToken, grant.ownKeys, orgId, context),
    ]);
    return { client, accessKey, refreshKey, refreshToken };
  } catch (error) {
    if (!(error instanceof AppMisconfiguredError)) throw error;
    ports.log.error('The app cannot refresh.', { app: connection.app, connection_id: connection.id, error });
    return report('app_misconfigured', error.message);
  }
}

/**
 * The claim must land on the very item whose refresh token was opened: if that moved on in between, this request has
 * nothing left to do, whatever made it move asks again.
 */
async function claim(
  ports: RefreshPorts,
  connection: Connection,
  request: RefreshRequest,
  attemptId: string,
): Promise<(Connection & { grant: Grant }) | RefreshReport> {
  const opened = connection.grant?.refreshToken;
  const { result, item } = await change<string, Connection, RefreshReport | 'claimed'>(
    ports.store.connections,
    connection.id,
    (current) => {
      if (current === undefined) return { keep: true, result: report('unknown_connection') };
      const decision = decideClaim(current, request, ports.clock.now(), attemptId);
      if (decision.kind === 'skip') return { keep: true, result: report(decision.outcome) };
      if (decision.kind === 'claimed') return { keep: true, result: 'claimed' };
      if (current.grant?.refreshToken !== opened) return { keep: true, result: report('not_needed') };
      return { write: decision.after, result: 'claimed' };
    },
    { writeId: `${attemptId}.claim`, seen: connection },
  );
  if (result !== 'claimed') return result;
  if (item?.grant?.lease?.attempt !== attemptId) return report('in_flight');
  return { ...item, grant: item.grant };
}

async function send(
  ports: RefreshPorts,
  vault: Vault,
  claimed: Connection & { grant: Grant },
  attemptId: string,
  prepared: Prepared,
  remainingTimeMs: () => number,
): Promise<Once> {
  const { grant } = claimed;
  const attempt: SentAttempt = { id: attemptId, generation: generationOf(grant), loginUrl: grant.loginUrl };
  const leaseLeftMs = (grant.lease?.until ?? 0) - ports.clock.now();
  if (leaseLeftMs < leaseNeededMs || remainingTimeMs() < functionTimeNeededMs) {
    await withdraw(ports, claimed, attemptId);
    return { report: report('in_flight', 'Too little time was left to send the request; it is due again.') };
  }
  const answer = await ports.salesforce.refresh(grant.loginUrl, prepared.client, prepared.refreshToken, httpTimeoutMs);
  const judged = judgeTokenAnswer(answer, 'refresh');
  ports.metrics.add('RefreshRequests', 1);
  switch (judged.kind) {
    case 'tokens':
      return { report: await commitTokens(ports, vault, claimed, attempt, judged.tokens, prepared) };
    case 'refused':
      return { report: await recordRefusal(ports, claimed, attempt, judged), confirmDeath: judged.class === 'dead' };
    case 'no_answer':
      return { report: await recordNoAnswer(ports, claimed, attempt, judged.reason) };
  }
}

async function withdraw(ports: RefreshPorts, claimed: Connection, attemptId: string): Promise<void> {
  await change(
    ports.store.connections,
    claimed.id,
    (current) => {
      const after = current && withdrawClaim(current, attemptId, ports.clock.now());
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${attemptId}.withdraw`, seen: claimed },
  );
}
