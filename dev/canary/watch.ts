/**
 * Runs a command and searches all that it prints, and the folders that it leaves, for canaries:
 *
 *     node dev/canary/watch.ts [--folder DIR]… COMMAND [ARGUMENT…]
 *
 * Ends as the command ends; with 3 where it ended well and a canary was found.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { canaryIn, longestForm } from './canary.ts';
import { scanFolder } from './scan-folder.ts';

interface Order {
  readonly folders: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
}

const foundCode = 3;

const order = orderOf(process.argv.slice(2));
const outputs = { stdout: search(), stderr: search() };
const code = await run(order);
const found = [
  ...Object.entries(outputs).flatMap(([name, { found }]) => found.map((context) => `${name}: ${context}`)),
  ...order.folders.flatMap(inFolder),
];
for (const one of found) process.stderr.write(`A secret got out. ${one}\n`);
process.exitCode = code === 0 && found.length > 0 ? foundCode : code;

function orderOf(words: readonly string[]): Order {
  const rest = [...words];
  const folders: string[] = [];
  while (rest[0] === '--folder') folders.push(...rest.splice(0, 2).slice(1));
  const [command, ...args] = rest;
  if (command === undefined) throw new Error('Say what to run: node dev/canary/watch.ts [--folder DIR]… COMMAND');
  return { folders, command, args };
}

function run({ command, args }: Order): Promise<number> {
  const child = spawn(command, args, { stdio: ['inherit', 'pipe', 'pipe'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      outputs[name].take(chunk.toString('latin1'));
      process[name].write(chunk);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
}

/** A form may be cut in half by two chunks: the end of one is searched with the next. */
function search() {
  const found: string[] = [];
  let kept = '';
  return {
    found,
    take(chunk: string) {
      const context = canaryIn(kept + chunk);
      if (context !== undefined) found.push(context);
      kept = context === undefined ? (kept + chunk).slice(-longestForm) : '';
    },
  };
}

function inFolder(folder: string): string[] {
  const { files, found } = scanFolder(folder);
  process.stderr.write(`Searched ${files} files below ${folder} for canaries.\n`);
  return found.map(({ file, context }) => `${file}: ${context}`);
}
