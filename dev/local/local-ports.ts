/** The ports of the local stack: the deployed adapters on embedded engines, and local ones where npm has no engine. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import { createTableRecords } from '../../functions/adapters/dynamodb/table-records.ts';
import { createJoseSealer } from '../../functions/adapters/jose-sealer.ts';
import { createNoConfigurationStep } from '../../functions/adapters/no-configuration-step.ts';
import { createSalesforceApiHttp } from '../../functions/adapters/salesforce-api-http.ts';
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import { orgsOfSalesforceOnly, salesforceOnly } from '../../functions/adapters/salesforce-only.ts';
import { createSnsAlertTopic } from '../../functions/adapters/sns-alert-topic.ts';
import { createSqsConfigurationQueue } from '../../functions/adapters/sqs-configuration-queue.ts';
import { createSqsRefreshQueue } from '../../functions/adapters/sqs-refresh-queue.ts';
import { createSystemRandom } from '../../functions/adapters/system-random.ts';
import { createTableIdentity } from '../../functions/adapters/table-identity.ts';
import { unlimitedCallers } from '../../functions/core/app-callers.ts';
import type {
  Clock,
  ConfigurationStep,
  Lifeboat,
  Log,
  Metrics,
  Ports,
  SigningKeys,
} from '../../functions/core/ports.ts';
import { withCanaries } from '../canary/with-canaries.ts';
import type { Activity } from './activity.ts';
import { type AlertLog, collectAfterPublish } from './alert-log.ts';
import { createLocalSecretAges, createLocalSecrets, localConfig } from './local-config.ts';
import type { LocalInvocations } from './local-invocations.ts';
import { createLocalKeyWrapper } from './local-key-wrapper.ts';
import type { LocalMessaging } from './local-messaging.ts';
import { localTableName } from './local-table.ts';

export interface LocalPortsOptions {
  readonly publicUrl: string;
  readonly salesforceOrigin: string;
  /** It is the simulator's. */
  readonly simulated: boolean;
  readonly keysFolder: string;
  readonly signingKeys: SigningKeys;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly messaging: LocalMessaging;
  readonly lifeboat: Lifeboat;
  readonly invocations: LocalInvocations;
  /** @default none: a link is all there is to do */
  readonly configurationStep?: ConfigurationStep;
  readonly alertLog: AlertLog;
  readonly activity: Activity;
  /** @default 16 */
  readonly shards?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function createLocalPorts(options: LocalPortsOptions): Ports {
  const { publicUrl, dynamodb, messaging, clock, log, metrics } = options;
  const topic = createSnsAlertTopic({ client: messaging.sns, topicArn: messaging.topicArn });
  const config = localConfig(publicUrl, options.salesforceOrigin, options.simulated);
  return {
    config,
    // They do not sign here, so nobody knows who they are.
    appCallers: unlimitedCallers,
    publicUrl,
    egressAddresses: [],
    clock,
    random: withCanaries(createSystemRandom()),
    store: options.activity.watch(
      createDynamoStore({ client: dynamodb, tableName: localTableName, shards: options.shards }),
    ),
    tableIdentity: createTableIdentity({ records: createTableRecords(dynamodb, localTableName), clock }),
    lifeboat: options.lifeboat,
    keys: createLocalKeyWrapper(options.keysFolder),
    sealer: createJoseSealer(),
    salesforce: salesforceOnly(createSalesforceHttp(), config.salesforceOrigin),
    salesforceApi: orgsOfSalesforceOnly(createSalesforceApiHttp(), config.salesforceOrigin),
    secrets: createLocalSecrets(),
    secretAges: createLocalSecretAges(clock.now()),
    signingKeys: options.signingKeys,
    refreshQueue: createSqsRefreshQueue({ client: messaging.sqs, queueUrl: messaging.refreshes.url, clock }),
    ...options.invocations,
    alerts: collectAfterPublish(topic, options.alertLog, log),
    configurationQueue: createSqsConfigurationQueue({ client: messaging.sqs, queueUrl: messaging.configurations.url }),
    configurationStep: options.configurationStep ?? createNoConfigurationStep(),
    log,
    metrics,
  };
}
