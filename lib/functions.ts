/**
 * The nine Lambdas: how large, how long, and what for.
 *
 * Timeouts follow design.md, "Time": a refresh, a code exchange or an assertion waits 40 s for Salesforce, its function lives 60 s, its
 * lease 75 s. `token` waits 20 s for another function's refresh, `connect` for revocations by `maintain`, and both must
 * answer before the gateway's 30 s. `configure` waits 4 minutes for the deployer's own function.
 */
import { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { GrantkeeperConfig } from '../functions/core/config.ts';
import type { FunctionName } from '../functions/core/routes.ts';
import type { Egress } from './egress.ts';
import { LambdaFunction } from './lambda-function.ts';
import type { StorageKey } from './storage-key.ts';

interface Shape {
  readonly description: string;
  readonly timeout: Duration;
  readonly memoryMiB: number;
}

export const functionShapes: Readonly<Record<FunctionName, Shape>> = {
  connect: { description: 'starts connect sessions', timeout: Duration.seconds(30), memoryMiB: 512 },
  callback: { description: 'exchanges codes, keeps the tokens', timeout: Duration.seconds(60), memoryMiB: 512 },
  configure: { description: 'runs configuration steps', timeout: Duration.minutes(5), memoryMiB: 512 },
  'schedule-refreshes': { description: 'queues what is due', timeout: Duration.seconds(50), memoryMiB: 256 },
  refresh: { description: 'refreshes connections', timeout: Duration.seconds(60), memoryMiB: 512 },
  'jwt-bearer': { description: 'connects without a browser', timeout: Duration.seconds(60), memoryMiB: 512 },
  token: { description: 'hands out access tokens', timeout: Duration.seconds(30), memoryMiB: 512 },
  connections: {
    description: 'lists, shows and disconnects connections and integrations',
    timeout: Duration.seconds(20),
    memoryMiB: 256,
  },
  maintain: { description: 'does open duties', timeout: Duration.seconds(60), memoryMiB: 512 },
};

export const functionNames = Object.keys(functionShapes) as FunctionName[];

export interface FunctionsProps {
  readonly config: GrantkeeperConfig;
  readonly storageKey: StorageKey;
  /** @default - none: no function stands in a VPC */
  readonly egress?: Egress;
  /** @default - none is reserved */
  readonly reservedConcurrency?: Readonly<Partial<Record<FunctionName, number>>>;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** @default true */
  readonly retain?: boolean;
}

export class Functions extends Construct {
  private readonly byName: ReadonlyMap<FunctionName, LambdaFunction>;

  constructor(scope: Construct, id: string, { reservedConcurrency = {}, egress, ...props }: FunctionsProps) {
    super(scope, id);
    this.byName = new Map(
      functionNames.map((name) => [
        name,
        new LambdaFunction(this, name, {
          ...props,
          ...functionShapes[name],
          name,
          network: egress?.networkOf(name),
          reservedConcurrency: reservedConcurrency[name],
        }),
      ]),
    );
  }

  get(name: FunctionName): LambdaFunction {
    const found = this.byName.get(name);
    if (found === undefined) throw new Error(`there is no function ${name}; there are ${functionNames.join(', ')}`);
    return found;
  }
}
