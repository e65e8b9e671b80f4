/**
 * Looks at all orgs of an app, once enough of them fail: by their watches, and by a sample of the app's connections. One
 * index query where there is nothing to it.
 */
import { type SpikeThresholds, spikeThresholdsOf } from '../core/config.ts';
import {
  decideFleetWatch,
  type FleetDecision,
  type FleetKind,
  failingOrgs,
  newFleetWatch,
} from '../core/decide-fleet-watch.ts';
import { newId } from '../core/new-id.ts';
import { waveOfOrgs } from '../core/pull-forward.ts';
import { withWatchDuty } from '../core/touch-watch.ts';
import { fleetWatchId, type Watch } from '../core/watch.ts';
import { change, type Decision } from './change.ts';
import { sampleOfApp } from './counted-connections.ts';
import type { JudgePorts } from './judge-org.ts';
import { pullForward } from './pull-forward.ts';
import { publishOwed } from './watch-alert-duty.ts';

const orgsAtMost = 200;
/** A sample is a thousand reads: those who find another org failing in these seconds leave it to the next look. */
const countedEveryMs = 20_000;

export interface FleetLook {
  /** Something goes on there that is to be looked at again. */
  readonly goesOn: boolean;
  /** Enough orgs fail for an incident, and another process is counting them: it may be about to open one. */
  readonly inDoubt: boolean;
}

/** @param org that failed just now: an index may not know it yet. Absent: this is the fleet's own look */
export async function judgeFleet(ports: JudgePorts, app: string, kind: FleetKind, org?: Watch): Promise<FleetLook> {
  const spike = spikeThresholdsOf(ports.config, app);
  const fleet = await ports.store.watches.read(fleetWatchId(app, kind));
  const orgs = await orgsOf(ports, app, spike, fleet, org);
  const failing = failingOrgs(orgs, kind, ports.clock.now() - spike.windowMinutes * 60_000);
  const { minimumOrgs } = ports.config.thresholds.fleet;
  const few = failing.length < (kind === 'fleet_revocation' ? 2 : minimumOrgs);
  if (few && fleet?.incident === undefined) return { goesOn: false, inDoubt: false };
  if (org !== undefined && !(await mayCount(ports, app, kind, failing.length, fleet))) {
    return { goesOn: true, inDoubt: failing.length >= minimumOrgs };
  }
  return { goesOn: await countFleet(ports, app, kind, orgs, spike), inDoubt: false };
}

async function orgsOf(
  ports: JudgePorts,
  app: string,
  { windowMinutes }: SpikeThresholds,
  fleet: Watch | undefined,
  org: Watch | undefined,
): Promise<readonly Watch[]> {
  const since = (fleet?.incident?.openedAt ?? ports.clock.now()) - windowMinutes * 60_000;
  const recent = await ports.store.recentWatches(app, Math.max(0, since), orgsAtMost);
  return org === undefined || recent.some(({ id }) => id === org.id) ? recent : [org, ...recent];
}

/** Says so in the fleet's watch, which is looked at each minute from then on. The first that sees enough of them need not wait. */
async function mayCount(
  ports: JudgePorts,
  app: string,
  kind: FleetKind,
  failing: number,
  seen: Watch | undefined,
): Promise<boolean> {
  const { minimumOrgs } = ports.config.thresholds.fleet;
  const { result } = await change<string, Watch, boolean>(
    ports.store.watches,
    fleetWatchId(app, kind),
    (current): Decision<Watch, boolean> => {
      const now = ports.clock.now();
      const known = current ?? newFleetWatch(app, kind, now);
      const soon = known.judgedAt !== undefined && now - known.judgedAt < countedEveryMs;
      const enough = failing >= minimumOrgs && (known.looked ?? 0) < minimumOrgs;
      if (soon && !enough) return { keep: true, result: false };
      const duties = withWatchDuty(known.duties, now);
      return { write: { ...known, judgedAt: now, looked: failing, activeAt: now, duties }, result: true };
    },
    { writeId: `${newId(ports.random)}.fleet`, ...(seen === undefined ? {} : { seen }) },
  );
  return result;
}

async function countFleet(
  ports: JudgePorts,
  app: string,
  kind: FleetKind,
  orgs: readonly Watch[],
  spike: SpikeThresholds,
): Promise<boolean> {
  const sample = await sampleOfApp(ports.store, app);
  const incidentId = newId(ports.random);
  const { fleet } = ports.config.thresholds;
  const { result, item } = await change<string, Watch, FleetDecision>(
    ports.store.watches,
    fleetWatchId(app, kind),
    (current): Decision<Watch, FleetDecision> => {
      const now = ports.clock.now();
      const known = current ?? newFleetWatch(app, kind, now);
      const decision = decideFleetWatch(known, kind, { orgs, sample, spike, fleet, now, incidentId });
      if (decision.after === known) return { keep: true, result: decision };
      const opened = decision.step === 'opened';
      const duties = opened ? withWatchDuty(decision.after.duties, now) : decision.after.duties;
      return { write: { ...decision.after, duties }, result: decision };
    },
    { writeId: `${incidentId}.fleet` },
  );
  tell(ports, app, kind, result);
  if (result.wave !== undefined) {
    const { pull, size } = result.wave;
    const wave = waveOfOrgs(sample, result.tally.untried, pull, size, ports.clock.now());
    await pullForward(ports, wave, pull);
  }
  if (item !== undefined) await publishOwed(ports, item);
  return result.goesOn;
}

function tell({ log, metrics }: JudgePorts, app: string, kind: FleetKind, { step, after, tally }: FleetDecision): void {
  if (step === 'quiet' || step === 'seen') return;
  const incident = (after.incident ?? after.closed)?.id;
  const { failed, tried, size } = tally;
  log.warn('An incident of all orgs of an app was judged.', { app, kind, incident, step, failed, tried, size });
  if (step === 'opened') metrics.add('FleetIncidentsOpened', 1);
}
