#!/usr/bin/env node
// `npx grantkeeper …`: the command line, on Node.js 24. npx starts it on whatever Node comes first; the one that `npm ci`
// brings lies beside the packages. Plain JavaScript, so that an older Node can start it and hand over.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
const brought = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (major >= 24) {
  await import('./main.ts');
} else if (existsSync(brought) && realpathSync(brought) !== realpathSync(process.execPath)) {
  const file = fileURLToPath(import.meta.url);
  const { status, error } = spawnSync(brought, [file, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error !== undefined) console.error(`${brought} could not be started: ${error.message}`);
  process.exitCode = status ?? 1;
} else {
  // Says what is missing, and ends the process.
  await import('../dev/require-node-24.mjs');
}
