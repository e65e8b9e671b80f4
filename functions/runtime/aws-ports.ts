/**
 * The ports as they are in AWS. Each is built when it is first asked for, so that a Lambda needs only the variables of
 * what it uses: hand `ports` on as it is, or pick from it; a spread asks for all.
 */
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createDynamoStore } from '../adapters/dynamodb/store.ts';
import { createJoseSealer } from '../adapters/jose-sealer.ts';
import { createKmsClient, createKmsKeyWrapper } from '../adapters/kms-key-wrapper.ts';
import { createLambdaClient, createLambdaRefresher } from '../adapters/lambda-refresher.ts';
import { createNoConfigurationStep } from '../adapters/no-configuration-step.ts';
import { createSalesforceHttp } from '../adapters/salesforce-http.ts';
import {
  createSecretsManagerClient,
  createSecretsManagerClientSecrets,
} from '../adapters/secrets-manager-client-secrets.ts';
import { createSnsAlertTopic, createSnsClient } from '../adapters/sns-alert-topic.ts';
import { createSqsClient, createSqsRefreshQueue } from '../adapters/sqs-refresh-queue.ts';
import { createSystemClock } from '../adapters/system-clock.ts';
import { createSystemRandom } from '../adapters/system-random.ts';
import type { Ports } from '../core/ports.ts';
import { type Environment, processEnvironment } from './environment.ts';
import { createLog, createMetrics, type RuntimeMetrics } from './observability.ts';

export interface AwsPorts extends Ports {
  readonly metrics: Required<RuntimeMetrics>;
}

export function awsPorts(environment: Environment = processEnvironment): AwsPorts {
  const ports: AwsPorts = lazily<AwsPorts>({
    config: () => environment.config(),
    publicUrl: () => environment.publicUrl(),
    clock: createSystemClock,
    random: createSystemRandom,
    store: () => createDynamoStore({ client: createDynamoClient(), tableName: environment.tableName() }),
    keys: () => createKmsKeyWrapper({ client: createKmsClient(), keyId: environment.dataKeyId() }),
    sealer: createJoseSealer,
    salesforce: () => createSalesforceHttp(),
    secrets: () =>
      createSecretsManagerClientSecrets({
        client: createSecretsManagerClient(),
        prefix: environment.clientSecretPrefix(),
        now: () => ports.clock.now(),
      }),
    refreshQueue: () =>
      createSqsRefreshQueue({
        client: createSqsClient(),
        queueUrl: environment.refreshQueueUrl(),
        clock: ports.clock,
      }),
    refresher: () =>
      createLambdaRefresher({ client: createLambdaClient(), functionName: environment.refreshFunctionName() }),
    alerts: () => createSnsAlertTopic({ client: createSnsClient(), topicArn: environment.alertTopicArn() }),
    configurationStep: createNoConfigurationStep,
    log: () => createLog({ service: environment.serviceName() }),
    metrics: () => createMetrics({ service: environment.serviceName() }),
  });
  return ports;
}

type Makers<T> = { readonly [Name in keyof T]: () => T[Name] };

/** An object whose members are made at their first use and then kept. */
function lazily<T extends object>(makers: Makers<T>): T {
  const target = {} as T;
  for (const name of Object.keys(makers) as (keyof T)[]) {
    Object.defineProperty(target, name, {
      enumerable: true,
      configurable: true,
      get() {
        const value = makers[name]();
        Object.defineProperty(target, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return target;
}
