/** `npm run simulate`: schedules from a seed on, or one of them step by step. Ends with 1 if a promise was broken. */

import { parseArgs } from 'node:util';
import { type Walk, walk } from './exhaustive.ts';
import { scenarios } from './scenarios.ts';
import { runSchedule, type ScheduleResult } from './schedule.ts';
import { Summary } from './summary.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    exhaustive: { type: 'boolean', default: false },
    runs: { type: 'string', default: '20000' },
  },
});
const schedules = wholeNumber('schedules', values.schedules);
const seed = wholeNumber('seed', values.seed);
const failuresShown = 3;

// Most errors of a schedule are its faults, and expected: their stacks cost more than all else of them.
if (!values.trace) Error.stackTraceLimit = 0;
process.exitCode = (await (values.exhaustive ? walkAll() : runAll())) ? 0 : 1;

async function runAll(): Promise<boolean> {
  const summary = new Summary();
  let failures = 0;
  for (let index = 0; index < schedules; index += 1) {
    const result = await runSchedule(seed + index, values.trace);
    summary.add(result);
    if (values.trace) console.log(result.trace.join('\n'));
    if (result.broken.length === 0) continue;
    failures += 1;
    if (failures <= failuresShown) await showFailure(result);
    if (values.first) break;
  }
  console.log(summary.text());
  return failures === 0;
}

/** Every small scenario, with rotation and without. */
async function walkAll(): Promise<boolean> {
  let good = true;
  let walked = 0;
  for (const scenario of scenarios) {
    for (const rotation of scenario.rotations ?? [true, false]) {
      const result = await walk(scenario, rotation, wholeNumber('runs', values.runs));
      walked += result.interleavings;
      good &&= result.broken.length === 0;
      console.log(lineOf(result));
      for (const line of result.trace) console.log(`  ${line}`);
      for (const { promise, detail } of result.broken) console.log(`  ${promise}: ${detail}`);
      if (values.first && !good) return false;
    }
  }
  console.log(`interleavings walked ${walked}`);
  return good;
}

function lineOf({ scenario, rotation, interleavings, states, complete, broken }: Walk): string {
  const all = complete ? 'all' : broken.length > 0 ? 'stopped at a broken promise' : 'not all: --runs is the bound';
  return `${scenario}, rotation ${rotation ? 'on' : 'off'}: ${interleavings} interleavings, ${states} states, ${all}`;
}

async function showFailure({ seed, broken, trace }: ScheduleResult): Promise<void> {
  const steps = trace.length > 0 ? [] : (await runSchedule(seed, true)).trace;
  console.log(`seed ${seed} broke ${broken.length === 1 ? 'a promise' : `${broken.length} promises`}:`);
  for (const line of steps) console.log(`  ${line}`);
  for (const { promise, detail, step } of broken) console.log(`  step ${step}: ${promise}: ${detail}`);
  console.log(`  again: npm run simulate -- --seed ${seed} --schedules 1 --trace\n`);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`--${name} must be a whole number from 1 on; got ${text}.`);
  return number;
}
