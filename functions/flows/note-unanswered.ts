/**
 * Notes that an org gets no answers from Salesforce, more than once in a row: many orgs at once are an outage. Best effort
 * and rare, for an outage is no time for more writes: once in five minutes an org, and nothing is lost with it.
 */
import type { Connection } from '../core/connection.ts';
import { isUnanswered } from '../core/fleet-tally.ts';
import { newId } from '../core/new-id.ts';
import { touchUnanswered } from '../core/touch-watch.ts';
import { orgWatchId, type Watch } from '../core/watch.ts';
import { change } from './change.ts';
import { judgeFleet } from './judge-fleet.ts';
import type { JudgePorts } from './judge-org.ts';

export async function noteUnanswered(ports: JudgePorts, connection: Connection): Promise<void> {
  if (!isUnanswered(connection, 0)) return;
  const { app, orgId } = connection;
  const { result, item } = await change<string, Watch, boolean>(
    ports.store.watches,
    orgWatchId(app, orgId),
    (current) => {
      const after = touchUnanswered(current, { app, orgId }, ports.clock.now());
      return after === undefined ? { keep: true, result: false } : { write: after, result: true };
    },
    { writeId: `${newId(ports.random)}.unanswered` },
  );
  if (result && item !== undefined) await judgeFleet(ports, app, 'fleet_outage', item);
}
