/** `npx grantkeeper …` against the emulator, as the deployer's administrator runs it. */
import { join } from 'node:path';
import { awsEnvironment } from './aws-environment.ts';
import { runChild } from './child.ts';
import type { MiniStack } from './ministack.ts';

export interface Workplace {
  readonly emulator: MiniStack;
  /** Where the deployment left its configuration; files go there. */
  readonly directory: string;
}

const repository = join(import.meta.dirname, '..', '..');
const commandWithinMs = 60_000;

export async function grantkeeperCommand(args: readonly string[], { emulator, directory }: Workplace): Promise<void> {
  await runChild({
    command: process.execPath,
    args: [join(repository, 'cli', 'grantkeeper.mjs'), ...args, '--config', join(directory, 'config.json')],
    env: awsEnvironment(process.env, emulator),
    cwd: directory,
    logFile: join(directory, 'grantkeeper-command.log'),
    timeoutMs: commandWithinMs,
  });
}
