/** `npm run simulate`: schedules from a seed on, or one of them step by step. Ends with 1 if a promise was broken. */
import { parseArgs } from 'node:util';
import { runSchedule, type ScheduleResult } from './schedule.ts';
import { Summary } from './summary.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const schedules = wholeNumber('schedules', values.schedules);
const seed = wholeNumber('seed', values.seed);
const failuresShown = 3;

const summary = new Summary();
let failures = 0;
for (let index = 0; index < schedules; index += 1) {
  const result = await runSchedule(seed + index, values.trace);
  summary.add(result);
  if (values.trace) console.log(result.trace.join('\n'));
  if (result.broken.length === 0) continue;
  failures += 1;
  if (failures <= failuresShown) await showFailure(result);
}
console.log(summary.text());
process.exitCode = failures > 0 ? 1 : 0;

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
