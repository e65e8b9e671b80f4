/**
 * One run: orgs at work on a virtual clock, one of which loses all its connections, or some, at a random instant. The real
 * flows notice it as deployed: `schedule-refreshes` and `maintain` each minute, the refresh queue in groups by org.
 *
 * The store answers at once, Salesforce within a second; nothing else goes wrong, which the fault simulation is for.
 */
import type { Alert } from '../../functions/core/alert.ts';
import { parseConfig } from '../../functions/core/config.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { createReadToken } from '../../functions/flows/read-token.ts';
import { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { createScheduleRefreshesHandler } from '../../functions/handlers/schedule-refreshes.ts';
import { barePorts } from '../simulation/bare-ports.ts';
import { batchOf, contextOf } from '../simulation/lambda-events.ts';
import { processRandom, type SeededRandom, seededRandom } from '../simulation/seeded-random.ts';
import { createCountedStore, type StoreCounts } from './counted-store.ts';
import { createFifoQueue } from './fifo-queue.ts';
import { createRevokingSalesforce, type RevokingSalesforce } from './revoking-salesforce.ts';
import { orgIdOf, seedOrg, userIdOf } from './seeded-orgs.ts';
import { createTimeline, type Timeline } from './timeline.ts';

export interface SpikeOrder {
  readonly seed: number;
  /** Connections of the org that loses them. */
  readonly size: number;
  /** How many it loses. @default all */
  readonly dead?: number;
  /** @default true */
  readonly pulls?: boolean;
  /** How long it is watched from the revocation on. @default two hours and a half */
  readonly watchedMs?: number;
}

export interface PublishedAlert {
  readonly at: number;
  readonly alert: Alert;
}

export interface SpikeTelling {
  readonly revokedAt: number;
  readonly firstRefusalAt: number | undefined;
  readonly published: readonly PublishedAlert[];
  /** When each of the org's connections was first known to fail, in order. */
  readonly knownAt: readonly number[];
  /** From the first refusal until the spike was told, or until the end. */
  readonly counts: StoreCounts;
}

const app = 'crm';
const start = Date.UTC(2026, 10, 21, 12);
const minuteMs = 60_000;
const cycleMs = 90 * minuteMs;
const healthyOrgs = 4;
const healthySize = 5;
const config = parseConfig({ apps: { [app]: { clientId: 'crm-client', claim: false } } }, 'spikes');

export async function runSpike(order: SpikeOrder): Promise<SpikeTelling> {
  const { seed, size, dead = size, pulls = true, watchedMs = 150 * minuteMs } = order;
  const random = seededRandom(seed);
  const timeline = createTimeline(start);
  const salesforce = createRevokingSalesforce(timeline, random);
  const published: PublishedAlert[] = [];
  const known = new Map<string, number>();
  const dying = orgIdOf(1);
  const reader: { read?: (id: string) => void } = {};
  const { store, counts } = createCountedStore({
    orgId: dying,
    pulls,
    onWritten(before, after) {
      if (isFailing(after) && !known.has(after.id)) known.set(after.id, timeline.now());
      if (before?.grant?.refreshes !== after.grant?.refreshes) reader.read?.(after.id);
    },
  });
  const ports = portsOf(seed, timeline, salesforce, store, (alert) => published.push({ at: timeline.now(), alert }));
  for (let org = 1; org <= 1 + healthyOrgs; org += 1) {
    await seedOrg(ports, salesforce, { app, orgId: orgIdOf(org), size: org === 1 ? size : healthySize }, random);
  }
  reader.read = readerOf(ports, timeline, random);
  const revokedAt = start + random.below(cycleMs);
  const end = revokedAt + watchedMs;
  tickEachMinute(ports, timeline, random, end);
  timeline.at(revokedAt, () => {
    for (let number = 1; number <= dead; number += 1) salesforce.end(dying, userIdOf(number));
    Object.assign(counts, { reads: 0, writes: 0, pulled: 0 });
  });
  await timeline.run(end);
  return {
    revokedAt,
    firstRefusalAt: salesforce.firstRefusalAt,
    published,
    knownAt: [...known.values()].sort((a, b) => a - b),
    counts,
  };
}

function isFailing({ grant, status }: Connection): boolean {
  return grant?.deadSince !== undefined || status === 'reauthorization_required';
}

/** Services read each new token within twenty minutes: the connections are in use. */
function readerOf(ports: Ports, timeline: Timeline, random: SeededRandom): (id: string) => void {
  const read = createReadToken(ports);
  return (connectionId) =>
    timeline.at(timeline.now() + minuteMs + random.below(19 * minuteMs), () => void read({ connectionId }));
}

function tickEachMinute(ports: Ports, timeline: Timeline, random: SeededRandom, end: number): void {
  const schedule = createScheduleRefreshesHandler(ports);
  const maintain = createMaintainHandler(ports);
  // Their schedules need not stand on the same second.
  for (const [tick, offset] of [
    [schedule, random.below(minuteMs)],
    [maintain, random.below(minuteMs)],
  ] as const) {
    for (let at = start + offset; at < end; at += minuteMs) {
      timeline.at(at, () => void tick({}, contextOf(timeline)));
    }
  }
}

function portsOf(
  seed: number,
  timeline: Timeline,
  salesforce: RevokingSalesforce,
  store: Ports['store'],
  publish: (alert: Alert) => void,
): Ports {
  const ports: Ports = {
    ...barePorts({ config, clock: timeline, random: processRandom(seed, 1), store, salesforce }),
    refreshQueue: createFifoQueue(timeline, (batch) => refresh(batchOf(batch), contextOf(timeline))),
    refresher: { refresh: (request) => refresh(request, contextOf(timeline)) as never },
    alerts: { publish: async (alert) => publish(alert) },
  };
  const refresh = createRefreshHandler(ports);
  return ports;
}
