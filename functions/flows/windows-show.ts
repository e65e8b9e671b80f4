/**
 * What the org's window and the app's show at this instant: the evidence of a death that does not last. Counted once for
 * all connections of an org that are told of within half a minute: two hundred of a dead org are two hundred alerts owed.
 */
import { spikeThresholdsOf } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import { failingOrgs } from '../core/decide-fleet-watch.ts';
import { tallyFleet } from '../core/fleet-tally.ts';
import type { Tally } from '../core/grant.ts';
import { tallyOrg } from '../core/org-tally.ts';
import { connectionsOfOrg, sampleOfApp } from './counted-connections.ts';
import type { JudgePorts } from './judge-org.ts';

export interface Showing {
  readonly org?: Tally;
  /** In orgs; absent where no other org fails. */
  readonly fleet?: Tally;
}

const believedMs = 30_000;
const keptAtMost = 500;
const orgsAtMost = 200;

interface Believed {
  readonly at: number;
  readonly tally: Promise<Tally | undefined>;
}

/** By store, so that two deployments in one process (tests, the simulation) do not believe each other. */
const believed = new WeakMap<object, Map<string, Believed>>();

export async function windowsShow(ports: JudgePorts, connection: Connection): Promise<Showing> {
  if (connection.grant?.death === undefined || connection.failingSince === undefined) return {};
  const { app, orgId } = connection;
  const [org, fleet] = await Promise.all([
    believe(ports, `${app}.${orgId}`, () => orgShows(ports, app, orgId)),
    believe(ports, app, () => fleetShows(ports, app)),
  ]);
  return { ...(org === undefined ? {} : { org }), ...(fleet === undefined ? {} : { fleet }) };
}

async function orgShows({ store, config, clock }: JudgePorts, app: string, orgId: string): Promise<Tally> {
  const { windowMinutes } = spikeThresholdsOf(config, app);
  const { failed, tried } = tallyOrg(await connectionsOfOrg(store, app, orgId), windowMinutes * 60_000, clock.now());
  return { failed, tried };
}

async function fleetShows({ store, config, clock }: JudgePorts, app: string): Promise<Tally | undefined> {
  const windowMs = spikeThresholdsOf(config, app).windowMinutes * 60_000;
  const since = Math.max(0, clock.now() - windowMs);
  const failing = failingOrgs(await store.recentWatches(app, since, orgsAtMost), 'fleet_revocation', since);
  if (failing.length < 2) return undefined;
  const { failed, tried } = tallyFleet(await sampleOfApp(store, app), windowMs, clock.now());
  return { failed: Math.max(failed, failing.length), tried: Math.max(tried, failing.length) };
}

function believe(
  { store, clock }: JudgePorts,
  key: string,
  count: () => Promise<Tally | undefined>,
): Promise<Tally | undefined> {
  const known = believed.get(store) ?? new Map<string, Believed>();
  believed.set(store, known);
  const last = known.get(key);
  const now = clock.now();
  if (last !== undefined && now - last.at < believedMs) return last.tally;
  if (known.size >= keptAtMost) known.clear();
  const tally = count();
  known.set(key, { at: now, tally });
  tally.catch(() => known.delete(key));
  return tally;
}
