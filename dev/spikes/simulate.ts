/**
 * `npm run simulate:spikes`: orgs of 3, 20, 200 and 2,000 connections lose all of them at a random instant. How soon is it
 * told, with how many alerts, and at what cost; with the pull forward and without. Ends with 1 where an org that pulls was
 * told late, or in more than one alert.
 */
import { parseArgs } from 'node:util';
import { type Description, describe } from './describe.ts';
import { runSpike } from './spike-run.ts';
import { ratiosOf, tableOf } from './table.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '5' } } });
const seeds = Number(values.seeds);
if (!Number.isSafeInteger(seeds) || seeds < 1)
  throw new Error(`--seeds must be a whole number from 1 on; got ${seeds}.`);

/** Its runs take seconds each. */
const largest = { size: 2_000, seeds: 1 };
const sizes = [3, 20, 200, largest.size];
const toldWithinMs = 3 * 60_000;

Error.stackTraceLimit = 0;
let good = true;
const all: (readonly Description[])[][] = [];
for (const pulls of [true, false]) {
  const rows: (readonly Description[])[] = [];
  for (const size of sizes) rows.push(await describeAll(size, pulls));
  console.log(`\n${pulls ? 'With the pull forward' : 'Without it'} (medians; times in minutes)\n`);
  console.log(tableOf(rows));
  all.push(rows);
  if (pulls) good = rows.flat().every(isGood);
}
console.log(`\n${ratiosOf(all[0] ?? [], all[1] ?? [])}`);
console.log('\nA spike and its end are one alert each; without an incident, each connection has its own.');
process.exitCode = good ? 0 : 1;

async function describeAll(size: number, pulls: boolean): Promise<readonly Description[]> {
  const all: Description[] = [];
  for (let seed = 1; seed <= (size === largest.size ? Math.min(largest.seeds, seeds) : seeds); seed += 1) {
    all.push(describe(await runSpike({ seed, size, pulls }), size));
  }
  return all;
}

function isGood({ size, toldAfterRefusalMs, alerts }: Description): boolean {
  const good = (toldAfterRefusalMs ?? Number.POSITIVE_INFINITY) <= toldWithinMs && (alerts.own ?? 0) === 0;
  if (!good)
    console.log(`An org of ${size} was told after ${toldAfterRefusalMs} ms, with ${alerts.own} alerts of its own.`);
  return good;
}
