/**
 * `node dev/deploy-test/with-ministack.ts COMMAND…`: runs a command beside a MiniStack of its own, whose address the
 * tests find in `STORE_CONTRACT_ENDPOINT` and `AWS_ADAPTER_ENDPOINT`. Ends with the command's exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsEnvironment } from './aws-environment.ts';
import { stopChildren } from './child.ts';
import { refuseForeignEndpoint } from './guard.ts';
import { startMiniStack } from './ministack.ts';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('Usage: node dev/deploy-test/with-ministack.ts COMMAND [ARGUMENT…]');
  process.exit(2);
}
refuseForeignEndpoint(process.env);
const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-ministack-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(1));
try {
  const emulator = await startMiniStack({ directory });
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: {
      ...awsEnvironment(process.env, emulator),
      STORE_CONTRACT_ENDPOINT: emulator.endpoint,
      AWS_ADAPTER_ENDPOINT: emulator.endpoint,
    },
  });
  process.once('exit', () => child.kill());
  const [code] = await once(child, 'exit');
  await end(code ?? 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  await end(1);
}

async function end(exitCode: number): Promise<never> {
  await stopChildren();
  rmSync(directory, { recursive: true, force: true });
  process.exit(exitCode);
}
