/**
 * The tests, `npm test`: all of them, or those whose path has one of the words that are given.
 *
 *     npm test
 *     npm test -- flows/races lib/
 *     npm test -- --from DIR          the tests of another folder, for the test of this run
 *
 * Many files share a process (./groups.ts); reports, timeouts and the exit code are those of `node --test`. A file
 * that cannot be loaded is a failed test of its own, and the others of its group still run.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { groupsOf } from './groups.ts';

const longestTest = 60_000;
/** A machine with one core still has waits to fill. */
const processes = Math.max(2, availableParallelism());

const { values, positionals: words } = parseArgs({ allowPositionals: true, options: { from: { type: 'string' } } });
const tests = values.from ?? path.join(import.meta.dirname, '../../test');
const files = globSync('**/*.test.ts', { cwd: tests })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => words.length === 0 || words.some((word) => `test/${file}`.includes(word)));
if (files.length === 0) {
  process.stderr.write(
    `No test file has ${words.join(' or ')} in its path. Paths look like test/flows/races.test.ts.\n`,
  );
  process.exit(1);
}

const folder = mkdtempSync(path.join(tmpdir(), 'grantkeeper-tests-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.exitCode = await run(groupsOf(files).map(entry));

function entry(group: readonly string[], at: number): string {
  const file = path.join(folder, `${String(at).padStart(2, '0')}-${group[0]?.replaceAll(/\W+/g, '-')}.mjs`);
  const loads = group.map((one) => {
    const url = JSON.stringify(pathToFileURL(path.join(tests, one)).href);
    return `await import(${url}).catch((error) => test(${JSON.stringify(`test/${one} is loaded`)}, () => { throw error; }));`;
  });
  writeFileSync(file, ["import { test } from 'node:test';", ...loads, ''].join('\n'));
  return file;
}

function run(entries: readonly string[]): Promise<number> {
  const options = ['--test', `--test-concurrency=${processes}`, `--test-timeout=${longestTest}`];
  const child = spawn(process.execPath, [...options, ...entries], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
