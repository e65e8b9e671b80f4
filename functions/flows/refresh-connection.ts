/**
 * Refreshes one connection: read, claim, send, settle. One read and two writes where nothing interferes.
 *
 * Everything that can fail is acquired before the claim: client secret, data keys, the opened refresh token. After the
 * response only the write is left. Outcomes are settled on the item as it is then, never on the one that was read.
 */

import type { Connection } from '../core/connection.ts';
import { type Grant, generationOf } from '../core/grant.ts';
import { nextLoginAt } from '../core/login-window.ts';
import { newId } from '../core/new-id.ts';
import type { Ports, RefreshReport, RefreshRequest } from '../core/ports.ts';
import { next } from '../core/refresh-machine.ts';
import { report } from '../core/refresh-report.ts';
import type { SentAttempt } from '../core/sent-attempt.ts';
import { deadConfirmMs } from '../core/settle-refusal.ts';
import { functionTimeNeededMs, leaseNeededMs } from '../core/time-limits.ts';
import { advance } from './advance.ts';
import { type Assertions, createAssertions } from './ask-by-assertion.ts';
import { type CircuitGuard, createCircuitGuard, type Pass } from './circuit-guard.ts';
import { createHostGate, type HostGate } from './host-gate.ts';
import { postpone } from './postpone.ts';
import { type Prepared, prepareRefresh } from './prepare-refresh.ts';
import { giveBack, rescue } from './rescue.ts';
import { commitTokens, recordNoAnswer, recordRefusal, type SettlePorts } from './settle-answer.ts';
import { type GatePorts, stoppedBy } from './table-gate.ts';
import { createVault, type Vault } from './vault.ts';

export type RefreshPorts = SettlePorts & GatePorts & Pick<Ports, 'keys' | 'sealer' | 'secrets' | 'signingKeys'>;

export type RefreshConnection = (request: RefreshRequest, remainingTimeMs: () => number) => Promise<RefreshReport>;

/** What all refreshes of a process share. */
interface Shared {
  readonly vault: Vault;
  readonly assertions: Assertions;
  readonly circuits: CircuitGuard;
  readonly gate: HostGate;
}

export function createRefreshConnection(ports: RefreshPorts): RefreshConnection {
  const shared: Shared = {
    vault: createVault(ports),
    assertions: createAssertions(ports),
    circuits: createCircuitGuard(ports),
    gate: createHostGate({ clock: ports.clock }),
  };

  return async (request, remainingTimeMs) => {
    const first = await refreshOnce(ports, shared, request, remainingTimeMs);
    if (first.report.outcome !== 'backing_off' || !first.confirmDeath) return first.report;
    // Seen dead once. The second look is a claim of its own, so store and generation are read again in between.
    if (remainingTimeMs() < functionTimeNeededMs + deadConfirmMs + 1_000) return first.report;
    await ports.clock.wait(deadConfirmMs);
    const second = await refreshOnce(ports, shared, { ...request, reason: 'due' }, remainingTimeMs);
    return second.report;
  };
}

interface Once {
  readonly report: RefreshReport;
  readonly confirmDeath?: boolean;
}

async function refreshOnce(
  ports: RefreshPorts,
  shared: Shared,
  request: RefreshRequest,
  remainingTimeMs: () => number,
): Promise<Once> {
  const stopped = await stoppedBy(ports);
  // An outcome that the release before knows too; the detail says what it is.
  if (stopped !== undefined) return { report: report('app_misconfigured', stopped) };
  const connection = await ports.store.connections.read(request.connectionId);
  if (connection === undefined) return { report: report('unknown_connection') };
  const attemptId = newId(ports.random);
  const early = next(connection, { type: 'asked', request, attemptId }, ports.clock.now(), 0);
  if (typeof early.outcome === 'object') return { report: report(early.outcome.skipped) };
  const asked = await shared.circuits.ask(connection.app, attemptId);
  if (asked.kind === 'refused') {
    await postpone(ports, connection, asked.until);
    return { report: report('app_misconfigured', asked.detail) };
  }
  try {
    return await refreshAllowed(ports, shared, connection, request, attemptId, asked.pass, remainingTimeMs);
  } finally {
    // Whatever was not said before says nothing about the app; the first word counts.
    await asked.pass.settle({ kind: 'inconclusive' });
  }
}

async function refreshAllowed(
  ports: RefreshPorts,
  { vault, assertions, gate }: Shared,
  connection: Connection,
  request: RefreshRequest,
  attemptId: string,
  pass: Pass,
  remainingTimeMs: () => number,
): Promise<Once> {
  const pacedUntil = paced(ports, connection);
  if (pacedUntil !== undefined) {
    await postpone(ports, connection, pacedUntil);
    return { report: report('backing_off', 'The hour has seen many logins of this user; the next is put off.') };
  }
  const prepared = await prepareRefresh(ports, vault, assertions, connection);
  if (!('client' in prepared)) {
    await postpone(ports, connection, ports.clock.now() + misconfiguredWaitMs);
    return { report: prepared };
  }
  const waitAtMostMs = remainingTimeMs() - functionTimeNeededMs - claimTimeMs;
  const place = await gate.enter(connection.grant?.loginUrl ?? '', connection.orgId, waitAtMostMs);
  if (place.kind === 'full') {
    return { report: report('in_flight', 'Too many calls to the login host are under way; it is due again.') };
  }
  try {
    const claimed = await claim(ports, connection, request, attemptId);
    if (!('grant' in claimed)) return { report: claimed };
    const rescued = await rescue(ports, claimed, attemptId);
    if (rescued.kind === 'rescued') return { report: report('refreshed', 'from the lifeboat') };
    if (rescued.kind === 'behind') return { report: report('in_flight', 'The lifeboat holds a later answer.') };
    if (rescued.kind === 'unreadable') return { report: report('in_flight', 'The lifeboat cannot be read.') };
    return await send(ports, vault, claimed, attemptId, prepared, pass, remainingTimeMs);
  } finally {
    place.leave();
  }
}

/** What a claim and a look into the lifeboat may take of the function's time. */
const claimTimeMs = 5_000;
/** A secret that is unset stays so for a while: until then it would stand at the head of the due index. */
const misconfiguredWaitMs = 5 * 60_000;

/** Until when a login without a browser waits, so that the user's hour is never used up. `undefined`: it need not. */
function paced({ config, clock }: RefreshPorts, { app, flow, logins }: Connection): number | undefined {
  if (flow === 'authorization_code') return undefined;
  const now = clock.now();
  const at = nextLoginAt(logins, config.apps[app]?.loginsPerHour ?? 1, now);
  return at > now ? at : undefined;
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
  const { outcome, item } = await advance(
    ports,
    connection.id,
    { type: 'asked', request, attemptId },
    { writeId: `${attemptId}.claim`, seen: connection },
  );
  if (typeof outcome === 'object') return report(outcome.skipped);
  if (item?.grant?.lease?.attempt !== attemptId) return report('in_flight');
  const claimed = { ...item, grant: item.grant };
  if (claimed.grant.refreshToken === connection.grant?.refreshToken) return claimed;
  await giveBack(ports, claimed, attemptId, ports.clock.now());
  return report('not_needed');
}

async function send(
  ports: RefreshPorts,
  vault: Vault,
  claimed: Connection & { grant: Grant },
  attemptId: string,
  prepared: Prepared,
  pass: Pass,
  remainingTimeMs: () => number,
): Promise<Once> {
  const { grant } = claimed;
  const attempt: SentAttempt = { id: attemptId, generation: generationOf(grant), loginUrl: grant.loginUrl };
  const timeIsLeft = () =>
    (grant.lease?.until ?? 0) - ports.clock.now() >= leaseNeededMs && remainingTimeMs() >= functionTimeNeededMs;
  if (!timeIsLeft()) {
    await giveBack(ports, claimed, attemptId, ports.clock.now());
    return { report: report('in_flight', 'Too little time was left to send the request; it is due again.') };
  }
  const judged = await prepared.ask(timeIsLeft);
  switch (judged.kind) {
    case 'tokens': {
      const committed = await commitTokens(ports, vault, claimed, attempt, judged.tokens, prepared, remainingTimeMs);
      await pass.settle({ kind: 'succeeded' });
      return { report: committed };
    }
    case 'refused': {
      const recorded = await recordRefusal(ports, claimed, attempt, judged, remainingTimeMs);
      if (judged.class === 'operator') await pass.settle({ ...judged, kind: 'refused_app' });
      return { report: recorded, confirmDeath: judged.class === 'dead' };
    }
    case 'no_answer':
      return { report: await recordNoAnswer(ports, claimed, attempt, judged.reason, remainingTimeMs) };
  }
}
