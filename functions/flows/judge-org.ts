/**
 * Counts an org's connections and does what that calls for: an incident opens, doubles or ends; the next wave of the others
 * is made due; where it fails, all orgs of the app are looked at. What is owed by then is published right away.
 *
 * Forty processes may be at it at once: each counts for itself, and one write of the watch wins.
 */
import { spikeThresholdsOf } from '../core/config.ts';
import { decideOrgWatch, type OrgDecision } from '../core/decide-org-watch.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { type NextWave, waveOf } from '../core/pull-forward.ts';
import { fleetWatchId, type Watch } from '../core/watch.ts';
import { change, type Decision } from './change.ts';
import { connectionsOfOrg } from './counted-connections.ts';
import { type FleetLook, judgeFleet } from './judge-fleet.ts';
import { pullForward } from './pull-forward.ts';
import { publishOwed } from './watch-alert-duty.ts';

export type JudgePorts = Pick<Ports, 'config' | 'store' | 'clock' | 'random' | 'log' | 'metrics' | 'alerts'>;

/**
 * @param wave of the caller's own write, to be pulled first
 * @returns whether something goes on there that is to be looked at again
 */
export async function judgeOrg(ports: JudgePorts, watch: Watch, wave?: NextWave): Promise<boolean> {
  const { app, orgId = '' } = watch;
  const connections = await connectionsOfOrg(ports.store, app, orgId);
  if (wave !== undefined) {
    await pullForward(ports, waveOf(connections, wave.pull, wave.size, ports.clock.now()), wave.pull);
  }
  const fleet = await ports.store.watches.read(fleetWatchId(app, 'fleet_revocation'));
  const incidentId = newId(ports.random);
  const { result, item } = await change<string, Watch, OrgDecision | undefined>(
    ports.store.watches,
    watch.id,
    (current): Decision<Watch, OrgDecision | undefined> => {
      if (current === undefined || isTakenOver(watch, current, wave)) return { keep: true, result: undefined };
      const decision = decideOrgWatch(current, {
        connections,
        thresholds: spikeThresholdsOf(ports.config, app),
        now: ports.clock.now(),
        incidentId,
        fleetIncidentId: fleet?.incident?.id,
        pulled: wave !== undefined,
      });
      return decision.after === current
        ? { keep: true, result: decision }
        : { write: decision.after, result: decision };
    },
    { writeId: `${incidentId}.judge`, seen: watch },
  );
  if (result === undefined || item === undefined) return false;
  tell(ports, result);
  if (result.wave !== undefined) {
    const { pull, size } = result.wave;
    await pullForward(ports, waveOf(connections, pull, size, ports.clock.now()), pull);
  }
  // Before the org's own alert goes out: all orgs together may be the incident.
  const { inDoubt } = result.tally.failed > 0 ? await judgeFleet(ports, app, 'fleet_revocation', item) : certain;
  // Within a minute `maintain` tells it, or the incident of all orgs does.
  if (!inDoubt) await publishOwed(ports, item);
  return result.goesOn;
}

const certain: Pick<FleetLook, 'inDoubt'> = { inDoubt: false };

/** Another process opened the incident since this one looked: it does the rest, and the minute's look goes on from there. */
function isTakenOver(seen: Watch, current: Watch, wave: NextWave | undefined): boolean {
  return wave === undefined && seen.incident === undefined && current.incident !== undefined;
}

function tell({ log, metrics }: JudgePorts, { step, after, tally: { failed, tried, size } }: OrgDecision): void {
  if (step === 'quiet' || step === 'seen') return;
  const { app, orgId } = after;
  const incident = (after.incident ?? after.closed)?.id;
  log.warn('An incident of an org was judged.', { app, org_id: orgId, incident, step, failed, tried, size });
  if (step === 'opened') metrics.add('SpikesOpened', 1);
}
