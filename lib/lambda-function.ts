/**
 * One Lambda of ours: its bundle with the configuration beside it, its own role that may do nothing but write its own
 * log, and no retries of its own (who asks again is decided by the due index, never by the platform).
 */
import { join } from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions/core/routes.ts';
import { type BundleProps, bundlingOf, packageRoot } from './bundle.ts';
import { allowNetworkInterfaces, type FunctionNetwork } from './function-network.ts';
import { EncryptedLogGroup } from './log-group.ts';
import { metricsNamespaceOf } from './metrics.ts';
import type { StorageKey } from './storage-key.ts';

export interface LambdaFunctionProps extends BundleProps {
  readonly name: FunctionName;
  readonly description: string;
  readonly timeout: Duration;
  readonly memoryMiB: number;
  readonly storageKey: StorageKey;
  /** @default - none: it stands in no VPC */
  readonly network?: FunctionNetwork;
  /** @default - none: it shares the account's */
  readonly reservedConcurrency?: number;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** @default true */
  readonly retain?: boolean;
}

export class LambdaFunction extends Construct {
  readonly function: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: LambdaFunctionProps) {
    super(scope, id);
    const logGroup = new EncryptedLogGroup(this, 'Logs', props);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Grantkeeper: what ${props.name} may do`,
    });
    logGroup.grantWrite(this.role);
    if (props.network !== undefined) allowNetworkInterfaces(this.role);
    this.function = new NodejsFunction(this, 'Function', {
      description: `Grantkeeper: ${props.description}`,
      entry: join(packageRoot, 'functions', `${props.name}.ts`),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memoryMiB,
      reservedConcurrentExecutions: props.reservedConcurrency,
      retryAttempts: 0,
      role: this.role,
      logGroup,
      ...props.network,
      // Keep-alive is Node's default by now; the variable that CDK would set is the SDK v2's.
      awsSdkConnectionReuse: false,
      projectRoot: packageRoot,
      depsLockFilePath: join(packageRoot, 'package-lock.json'),
      bundling: bundlingOf(this, props),
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: props.name,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespaceOf(this),
      },
    });
  }
}
