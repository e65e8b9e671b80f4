/**
 * Every interleaving of a small scenario on the real code, with at most one fault: stateless search, each run from the
 * beginning along a list of choices. A run ends early in a state that was seen before (the stores, Salesforce's books,
 * the time, what is pending, and each process's position: what it asked and what it was answered).
 */
import { createHash } from 'node:crypto';
import { Actors, usersOf } from './actors.ts';
import { createCloud } from './cloud.ts';
import { Decisions, SeenBefore } from './decisions.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { judge } from './judge.ts';
import { type Broken, Monitor } from './monitor.ts';
import { clientSecret } from './process-ports.ts';
import { quiesce } from './quiesce.ts';
import { SalesforceBooks } from './salesforce-books.ts';
import type { Scenario } from './scenarios.ts';
import type { Step } from './scheduler.ts';
import { configOf } from './simulated-config.ts';
import { simulationStart, World } from './world.ts';

export interface Walk {
  readonly scenario: string;
  readonly rotation: boolean;
  readonly interleavings: number;
  readonly states: number;
  /** All of it, within the bound. */
  readonly complete: boolean;
  readonly broken: readonly Broken[];
  /** Of the first run that broke something. */
  readonly trace: readonly string[];
  readonly path: readonly number[];
}

const explored: ReadonlySet<Fault> = new Set<Fault>([
  'crash_after',
  'store_refused',
  'store_answer_lost',
  'store_retried_as_conflict',
  'lifeboat_refused',
  'lifeboat_answer_lost',
  'salesforce_response_lost',
  'store_out_at_answer',
]);
const waveMs = 80_000;
/** From just before a slow put lands to just after its lease. */
const slowCallMs = 12_200;

export async function walk(scenario: Scenario, rotation: boolean, runsAtMost: number): Promise<Walk> {
  const seen = new Set<string>();
  let prefix: number[] | undefined = [];
  let interleavings = 0;
  while (prefix !== undefined && interleavings < runsAtMost) {
    const decisions: Decisions = new Decisions(prefix, seen);
    const { broken } = await runAlong(scenario, rotation, decisions, false);
    interleavings += 1;
    if (broken.length > 0) {
      const { path } = decisions;
      const { trace } = await runAlong(scenario, rotation, new Decisions(path, new Set()), true);
      return {
        scenario: scenario.name,
        rotation,
        interleavings,
        states: seen.size,
        complete: false,
        broken,
        trace,
        path,
      };
    }
    prefix = decisions.next();
  }
  const complete = prefix === undefined;
  return {
    scenario: scenario.name,
    rotation,
    interleavings,
    states: seen.size,
    complete,
    broken: [],
    trace: [],
    path: [],
  };
}

interface Exploration {
  on: boolean;
  faultsLeft: number;
}

async function runAlong(
  scenario: Scenario,
  rotation: boolean,
  decisions: Decisions,
  trace: boolean,
): Promise<{ broken: readonly Broken[]; trace: readonly string[] }> {
  const exploration: Exploration = { on: false, faultsLeft: scenario.faults };
  const switches = {
    rotation,
    replay: 'family_dies',
    limit: 5,
    eviction: 'oldest',
    signs: false,
    sessionMs: 0,
    lists: false,
  } as const;
  const world: World = new World({
    seed: 1,
    choose: (ready) => chooseAmong(world, ready, decisions, exploration),
    plan: chosenPlan(decisions, exploration, scenario),
    books: new SalesforceBooks(switches, clientSecret),
    config: configOf({ grantLimit: 5, compares: false }),
    trace,
    positions: false,
    ...(scenario.preempts === undefined ? {} : { preempts: scenario.preempts }),
  });
  world.monitor = new Monitor(world);
  const functions = createCloud(world);
  const actors = new Actors(world, functions);
  try {
    const waves = await scenario.prepare(world, actors, functions, usersOf(scenario.app ?? 'crm')[0]!);
    exploration.on = true;
    world.positions = true;
    for (const [index, wave] of waves.entries()) {
      // A second wave finds what the fault has left behind.
      if (index > 0 && exploration.faultsLeft === scenario.faults) break;
      for (const begin of wave) begin();
      await world.scheduler.run(world.now() + waveMs);
    }
    exploration.on = false;
    world.positions = false;
    for (const outage of Object.values(world.outages)) outage.until = 0;
    world.note(undefined, '— to rest —');
    await quiesce(world, functions);
    await judge(world, actors);
  } catch (error) {
    if (!(error instanceof SeenBefore)) throw error;
  }
  return { broken: world.monitor.broken, trace: world.traced ?? [] };
}

/** What nobody else can see happens at once; the rest is a choice. */
function chooseAmong(
  world: World,
  ready: readonly Step[],
  decisions: Decisions,
  { on, faultsLeft }: Exploration,
): number {
  const unseen = ready.findIndex(({ preempts }) => !preempts);
  if (!on || unseen >= 0) return Math.max(0, unseen);
  decisions.stand(() => stateOf(world, ready, faultsLeft));
  return decisions.choose(ready.length);
}

function chosenPlan(decisions: Decisions, exploration: Exploration, { delays, skewsMs }: Scenario): FaultPlan {
  return {
    strike(possible, preempts = false) {
      if (!exploration.on || exploration.faultsLeft === 0) return undefined;
      const faults = possible.filter((fault) => explored.has(fault));
      if (faults.length === 0 || (!preempts && !faults[0]!.endsWith('_out_at_answer'))) return undefined;
      const choice = decisions.choose(1 + faults.length);
      if (choice === 0) return undefined;
      exploration.faultsLeft -= 1;
      return faults[choice - 1];
    },
    latencyMs() {
      if (delays !== true || !exploration.on || exploration.faultsLeft === 0) return { ms: 0, delayed: false };
      const delayed = decisions.choose(2) === 1;
      if (delayed) exploration.faultsLeft -= 1;
      return { ms: delayed ? slowCallMs : 0, delayed };
    },
    skewMs: (name) => (exploration.on ? (skewsMs?.[name] ?? 0) : 0),
    orphanLands: () => !exploration.on,
    below: (below) => (below === 4 ? 2 : 0),
  };
}

function stateOf(world: World, ready: readonly Step[], faultsLeft: number): string {
  const { books, processes, outages } = world;
  const state = [
    world.now() - simulationStart,
    faultsLeft,
    outages,
    world.store.dump(),
    world.lifeboat.all(),
    books.grants,
    processes.map(({ position, alive, ended }) => [position, alive, ended]),
    ready.map(({ name, owner }) => `${name}/${owner}`).sort(),
    world.scheduler.pending().length,
  ];
  return createHash('sha1').update(JSON.stringify(state)).digest('base64');
}
