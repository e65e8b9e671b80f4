/** The real CDK CLI, against the emulator: bootstrap, then deploy of the app as a deployer would deploy it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GrantkeeperConfigInput } from '../../functions/core/config.ts';
import type { AdoptProps } from '../../lib/adopt.ts';
import { awsEnvironment } from './aws-environment.ts';
import { runChild } from './child.ts';
import type { MiniStack } from './ministack.ts';

const repository = join(import.meta.dirname, '..', '..');
const commandWithinMs = 180_000;

export interface Deployment {
  readonly apiUrl: string;
  readonly callbackUrl: string;
  readonly tableName: string;
  readonly alertTopicArn: string;
  /** What a new stack would take up of this one. */
  readonly adopt: AdoptProps;
}

export interface CdkOptions {
  readonly emulator: MiniStack;
  /** For the configuration, the assembly, the outputs and the logs. */
  readonly directory: string;
  readonly config: GrantkeeperConfigInput;
  /** Another CDK app than the repository's own, as a command. @default that of cdk.json */
  readonly app?: string;
  /** Keep what must survive when the stack is deleted. @default false */
  readonly retain?: boolean;
  /** More context of the app. */
  readonly context?: Readonly<Record<string, string>>;
}

export async function bootstrap(options: CdkOptions): Promise<void> {
  await cdk('bootstrap', [], options);
}

export async function deploy(options: CdkOptions): Promise<Deployment> {
  const outputsFile = join(options.directory, 'outputs.json');
  await cdk(
    'deploy',
    [
      '--method=direct',
      '--require-approval=never',
      '--context',
      `retain=${options.retain ?? false}`,
      '--outputs-file',
      outputsFile,
    ],
    options,
  );
  const outputs: Record<string, string> = JSON.parse(readFileSync(outputsFile, 'utf8')).Grantkeeper;
  const output = (name: string): string => {
    const value = outputs[name];
    if (value === undefined) throw new Error(`The stack has no output ${name}; it has ${Object.keys(outputs)}.`);
    return value;
  };
  return {
    apiUrl: output('ApiUrl'),
    callbackUrl: output('CallbackUrl'),
    tableName: output('TableName'),
    alertTopicArn: output('AlertTopicArn'),
    adopt: JSON.parse(output('Adopt')),
  };
}

export async function destroy(options: CdkOptions): Promise<void> {
  await cdk('destroy', ['--force'], options);
}

async function cdk(command: string, args: readonly string[], options: CdkOptions) {
  const { emulator, directory, config, app, context = {} } = options;
  const configFile = join(directory, 'config.json');
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  await runChild({
    command: process.execPath,
    args: [
      join(repository, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
      command,
      ...args,
      ...(app === undefined ? [] : ['--app', app]),
      '--no-notices',
      '--context',
      `config=${configFile}`,
      '--context',
      'allowExecuteApiUrl=true',
      ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
      '--output',
      join(directory, `${command}.out`),
    ],
    env: {
      ...awsEnvironment(process.env, emulator),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_DISABLE_VERSION_CHECK: '1',
    },
    cwd: repository,
    logFile: join(directory, `cdk-${command}.log`),
    timeoutMs: commandWithinMs,
  });
}
