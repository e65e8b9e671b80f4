/**
 * Warns that tokens idle towards their limit: of one connection by its own alert, of several of an org by one alert of its
 * watch, which covers all that end in that time (`core/idle-notice.ts`).
 */
import type { Connection } from '../core/connection.ts';
import { tokenLimitsOf } from '../core/expiry-ahead.ts';
import { coveredUntil, endingBy, type IdleLimits, isCovered, withIdleNotice } from '../core/idle-notice.ts';
import { newId } from '../core/new-id.ts';
import { orgWatchId, type Watch } from '../core/watch.ts';
import { change, type Decision } from './change.ts';
import { connectionsOfOrg } from './counted-connections.ts';
import type { JudgePorts } from './judge-org.ts';
import { publishOwed } from './watch-alert-duty.ts';

/** Whether the org's warning tells of this end, too. */
export async function isToldByOrg(ports: JudgePorts, connection: Connection, endsAt: number): Promise<boolean> {
  const { store, clock, config } = ports;
  const { app, orgId } = connection;
  const limits = tokenLimitsOf(config.apps[app]);
  if (!hasIdleLimit(limits)) return false;
  const watch = await store.watches.read(orgWatchId(app, orgId));
  if (isCovered(watch?.idleNotice, endsAt)) return true;
  const ending = endingBy(await connectionsOfOrg(store, app, orgId), limits, coveredUntil(limits, clock.now()));
  if (ending.length < 2) return false;
  await warn(ports, connection, endsAt, limits);
  return true;
}

async function warn(ports: JudgePorts, { app, orgId }: Connection, endsAt: number, limits: IdleLimits): Promise<void> {
  const { store, clock, random } = ports;
  const { item } = await change<string, Watch, undefined>(
    store.watches,
    orgWatchId(app, orgId),
    (current): Decision<Watch, undefined> => {
      const after = withIdleNotice(current, { app, orgId }, endsAt, limits, clock.now());
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${newId(random)}.idle` },
  );
  if (item !== undefined) await publishOwed(ports, item);
}

function hasIdleLimit(limits: ReturnType<typeof tokenLimitsOf>): limits is IdleLimits {
  return limits.idleMs !== undefined;
}
