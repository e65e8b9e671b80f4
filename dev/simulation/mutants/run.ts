/**
 * `npm run simulate:mutants`: each wrong edit is applied alone to a copy of the code, and the simulation runs on it
 * until it breaks a promise. Fails if an edit no longer fits, or if one survives.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { copyWith } from './mutated-copy.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '6000' },
    runs: { type: 'string', default: '1500' },
    only: { type: 'string' },
  },
});
const root = join(import.meta.dirname, '../../..');
const timeLimitMs = 300_000;

type Verdict = { readonly caught: true; readonly by: string } | { readonly caught: false; readonly why: string };

const chosen = mutants.filter(({ name }) => values.only === undefined || name.includes(values.only));
const waiting = [...chosen];
let survivors = 0;
await Promise.all(Array.from({ length: Math.max(1, availableParallelism() - 1) }, worker));
console.log(`mutants ${chosen.length}, caught ${chosen.length - survivors}, survived ${survivors}`);
process.exitCode = survivors > 0 ? 1 : 0;

async function worker(): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const begun = performance.now();
    const verdict = await judge(mutant);
    const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
    if (!verdict.caught) survivors += 1;
    console.log(
      verdict.caught
        ? `caught    ${mutant.name} (${verdict.by}, ${seconds} s)`
        : `SURVIVED  ${mutant.name}: ${verdict.why} (${seconds} s)`,
    );
  }
}

async function judge(mutant: Mutant): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'grantkeeper-mutant-'));
  try {
    const misfit = await copyWith(mutant, root, folder);
    if (misfit !== undefined) return { caught: false, why: misfit };
    const random = await simulate(folder, ['--schedules', values.schedules, '--first']);
    if (random !== undefined) return random;
    return (
      (await simulate(folder, ['--exhaustive', '--runs', values.runs, '--first'])) ?? {
        caught: false,
        why: 'no promise was broken',
      }
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `undefined`: nothing was broken. */
async function simulate(folder: string, options: readonly string[]): Promise<Verdict | undefined> {
  const { code, out } = await run(folder, ['dev/simulation/simulate.ts', ...options]);
  if (code === 0) return undefined;
  const broken = /(?:seed \d+ broke|stopped at a broken promise)/.exec(out);
  if (broken === null) return { caught: false, why: `the simulation did not run: ${out.slice(-300)}` };
  const promise = /^ {2}(?:step \d+: )?([a-z\d][^:]+): /m.exec(out)?.[1] ?? 'a promise';
  return { caught: true, by: `${/seed \d+/.exec(out)?.[0] ?? 'exhaustive walk'}: ${promise}` };
}

function run(folder: string, options: readonly string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const limits = { cwd: folder, timeout: timeLimitMs, maxBuffer: 64 * 1_024 * 1_024 };
    execFile(process.execPath, [...options], limits, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, out: stdout + stderr });
    });
  });
}
