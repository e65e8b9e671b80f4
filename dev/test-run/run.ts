/**
 * The tests, `npm test`: all of them, or those whose path has one of the words that are given.
 *
 *     npm test
 *     npm test -- flows/races lib/
 *     npm test -- --from DIR          the tests of another folder, for the test of this run
 *
 * Many files share a process (./groups.ts), each in a suite of its own, so that its hooks are its own. Reports, timeouts
 * and the exit code are those of `node --test`. A file that cannot be loaded is a suite that fails; the others still run.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { groupsOf } from './groups.ts';

/** Of a test and of a file: patient, for a busy machine is no failed test. */
const longestMs = 120_000;
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
    return `describe(${JSON.stringify(`test/${one}`)}, async () => { await import(${url}); });`;
  });
  writeFileSync(file, ["import { describe } from 'node:test';", ...loads, ''].join('\n'));
  return file;
}

function run(entries: readonly string[]): Promise<number> {
  const options = ['--test', `--test-concurrency=${processes}`, `--test-timeout=${longestMs}`];
  const child = spawn(process.execPath, [...options, ...entries], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
