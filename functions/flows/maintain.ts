/**
 * Each minute: the duties that their writers did not get to do. After a death, a failed call or a grace period.
 */
import type { AppState } from '../core/circuit.ts';
import type { Connection } from '../core/connection.ts';
import type { Incident, IncidentFinding } from '../core/incident.ts';
import type { Collection, DueDuty, Ports } from '../core/ports.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { Session } from '../core/session.ts';
import type { Watch } from '../core/watch.ts';
import { type AlertPorts, alertDoer } from './alert-duty.ts';
import { appAlertDoer } from './app-alert-duty.ts';
import { countDoer } from './count-duty.ts';
import { type Doers, type DutyHolder, doDuties } from './do-duties.ts';
import { type Drained, drainLifeboat } from './drain-lifeboat.ts';
import { incidentAlertDoer } from './incident-alert-duty.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';
import { connectionRevokeDoer, type RevokePorts, sessionRevokeDoer } from './revoke-duty.ts';
import { sessionAlertDoer } from './session-alert-duty.ts';
import { createSlowOrgs, type SlowOrgs } from './slow-orgs.ts';
import { unlinkDoer } from './unlink-duty.ts';
import { createVault, type Vault } from './vault.ts';
import { watchAlertDoer } from './watch-alert-duty.ts';
import { watchBacklog } from './watch-backlog.ts';
import { type CertificatePorts, createWatchCertificates } from './watch-certificates.ts';
import { watchDoer } from './watch-duty.ts';
import { watchIncident } from './watch-incident.ts';
import { createWatchSecrets, type SecretAgePorts } from './watch-secrets.ts';
import { watchTable } from './watch-table.ts';

export type MaintainPorts = LinkPorts &
  RevokePorts &
  AlertPorts &
  CertificatePorts &
  SecretAgePorts &
  Pick<Ports, 'keys' | 'sealer' | 'random' | 'accessRevoker'>;

const pageSize = 100;
const pagesPerShardAtMost = 10;
const timeNeededMs = 20_000;

/** For one connection, at once: asked for by whoever may not open refresh tokens. */
export function createDoDutiesOf(ports: MaintainPorts): (connectionId: string) => Promise<void> {
  const doers = connectionDoers(ports, createVault(ports));
  return async (connectionId) => {
    const { kind } = await ports.tableIdentity.state();
    await doAll(ports, ports.store.connections, connectionId, kind === 'own' ? doers : { alert: doers.alert });
  };
}

function connectionDoers(ports: MaintainPorts, vault: Vault): Doers<Connection> {
  return {
    link: linkDoer(ports),
    unlink: unlinkDoer(ports),
    revoke: connectionRevokeDoer(ports, vault, ports.accessRevoker),
    alert: alertDoer(ports),
    count: countDoer(ports),
  };
}

interface AllDoers {
  readonly connections: Doers<Connection>;
  readonly sessions: Doers<Session>;
  readonly apps: Doers<AppState>;
  readonly incidents: Doers<Incident>;
  readonly watches: Doers<Watch>;
}

function allDoers(ports: MaintainPorts, vault: Vault): AllDoers {
  return {
    connections: connectionDoers(ports, vault),
    sessions: { revoke: sessionRevokeDoer(ports, vault, ports.accessRevoker), alert: sessionAlertDoer(ports) },
    apps: { alert: appAlertDoer(ports) },
    incidents: { alert: incidentAlertDoer(ports) },
    watches: { watch: watchDoer(ports), alert: watchAlertDoer(ports) },
  };
}

/** On a copied table the others wait as they are: a copy's links and unlinks may give up what is in use elsewhere. */
function alertsOf({ connections, sessions, apps, incidents, watches }: AllDoers): AllDoers {
  return {
    connections: { alert: connections.alert },
    sessions: { alert: sessions.alert },
    apps: { alert: apps.alert },
    incidents: { alert: incidents.alert },
    watches: { alert: watches.alert },
  };
}

export function createMaintain(ports: MaintainPorts): (remainingTimeMs: () => number) => Promise<number> {
  const doers = allDoers(ports, createVault(ports));
  const watchCertificates = createWatchCertificates(ports);
  const watchSecrets = createWatchSecrets(ports);

  async function doOne({ holder, id }: DueDuty, by: AllDoers): Promise<void> {
    try {
      await doDutiesOf(holder, id, by);
    } catch (error) {
      // One that cannot be done must not keep the others waiting; it is due again by itself.
      ports.log.error('A duty could not be done; it is tried again.', { holder, id, error });
    }
  }

  async function doDutiesOf(holder: DueDuty['holder'], id: string, by: AllDoers): Promise<void> {
    const { connections, sessions, apps, incidents, watches } = ports.store;
    switch (holder) {
      case 'connection':
        return doAll(ports, connections, id, by.connections);
      case 'session':
        return doAll(ports, sessions, id, by.sessions);
      case 'app':
        return doAll(ports, apps, id, by.apps);
      case 'incident':
        return doAll(ports, incidents as Collection<string, Incident>, id, by.incidents);
      case 'watch':
        return doAll(ports, watches, id, by.watches);
    }
  }

  async function maintainShard(
    shard: number,
    now: number,
    by: AllDoers,
    slow: SlowOrgs,
    remainingTimeMs: () => number,
  ): Promise<number> {
    const putOff: DueDuty[] = [];
    let cursor: string | undefined;
    let done = 0;
    for (let pages = 0; pages < pagesPerShardAtMost; pages += 1) {
      const page = await ports.store.dueDuties(shard, now, pageSize, cursor);
      for (const due of page.items) {
        if (slow.has(due)) {
          putOff.push(due);
          continue;
        }
        if (remainingTimeMs() < timeNeededMs) return done;
        await slow.watch(due, () => doOne(due, by));
        done += 1;
      }
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    for (const due of putOff) {
      if (remainingTimeMs() < timeNeededMs) return done;
      await doOne(due, by);
      done += 1;
    }
    return done;
  }

  return async (remainingTimeMs) => {
    const table = await lookAtTable(ports);
    // What lies in the lifeboat may be of another table's generations. First, for a revocation waits for what lies there.
    if (table === 'own') await emptyLifeboat(ports, remainingTimeMs);
    if (table !== 'restored') await watch(ports);
    const by = table === 'own' ? doers : alertsOf(doers);
    const now = ports.clock.now();
    const slow = createSlowOrgs(ports.clock);
    const counts = await Promise.all(
      Array.from({ length: ports.store.shards }, (_, shard) => maintainShard(shard, now, by, slow, remainingTimeMs)),
    );
    // Last: they wait for other services, and an alert that they owe may go out a minute later.
    if (table === 'own' && remainingTimeMs() >= timeNeededMs) await watchCertificates();
    if (table === 'own' && remainingTimeMs() >= timeNeededMs) await watchSecrets();
    return counts.reduce((sum, count) => sum + count, 0);
  };
}

async function doAll<Holder extends DutyHolder>(
  ports: MaintainPorts,
  collection: Collection<string, Holder>,
  id: string,
  doers: Doers<Holder>,
): Promise<void> {
  const holder = await collection.read(id);
  if (holder !== undefined) await doDuties(ports, collection, holder, doers);
}

async function emptyLifeboat(ports: MaintainPorts, remainingTimeMs: () => number): Promise<void> {
  try {
    const drained = await drainLifeboat(ports, remainingTimeMs);
    ports.metrics.add('InLifeboat', drained.left);
    await watchIncident(ports, 'tokens_in_lifeboat', findingOf(drained));
  } catch (error) {
    ports.log.error('The lifeboat cannot be read.', { error });
  }
}

function findingOf({ found, left, unreadable, oldestAt, connectionIds }: Drained): IncidentFinding | undefined {
  if (found === 0) return undefined;
  const since = oldestAt === undefined ? '' : `, the oldest since ${rfc3339(oldestAt)}`;
  const evidence = [`${found} answers lay in the lifeboat${since}; ${left} are still there.`];
  if (unreadable > 0) {
    evidence.push(`${unreadable} of them cannot be read by this release; the log of maintain names them.`);
  }
  return { evidence, connectionIds, counts: { found, left } };
}

/** `unknown`: it could not be asked whose items the table holds; nothing is risked until it can. */
async function lookAtTable(ports: MaintainPorts): Promise<'own' | 'restored' | 'unknown'> {
  try {
    return await watchTable(ports);
  } catch (error) {
    ports.log.error("The table's id could not be looked at: nothing is refreshed or revoked until it can.", { error });
    return 'unknown';
  }
}

/** What is noticed each minute. */
async function watch(ports: MaintainPorts): Promise<void> {
  try {
    await watchBacklog(ports);
  } catch (error) {
    ports.log.error('The backlog could not be looked at.', { error });
  }
}
