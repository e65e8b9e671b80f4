/** A Python virtual environment under `.cache/`, made at its first use and again when its requirements change. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.ts';

/** Everything that is downloaded or written on the way; ignored by git. */
const cacheDirectory = join(import.meta.dirname, '..', '..', '.cache');

const createWithinMs = 60_000;
const installWithinMs = 300_000;

/** @returns the folder of its programs. Throws where Python 3, its `venv` or a package cannot be had. */
export async function ensurePythonVenv(name: string, requirements: readonly string[]): Promise<string> {
  const directory = join(cacheDirectory, name);
  const programs = join(directory, 'bin');
  const stamp = join(directory, 'installed.txt');
  const wanted = `${requirements.join('\n')}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return programs;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(cacheDirectory, { recursive: true });
  const run = (command: string, args: readonly string[], timeoutMs: number) =>
    runChild({
      command,
      args,
      env: process.env,
      cwd: cacheDirectory,
      logFile: join(cacheDirectory, `${name}-install.log`),
      timeoutMs,
    });
  await run('python3', ['-m', 'venv', directory], createWithinMs).catch((error: Error) => {
    throw new Error(`Python 3 with venv is needed (on Debian: apt-get install python3-venv). ${error.message}`);
  });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  await run(join(programs, 'python'), [...pip, ...requirements], installWithinMs);
  writeFileSync(stamp, wanted);
  return programs;
}
