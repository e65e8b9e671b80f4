/**
 * The ports as they are in AWS, one maker each. A Lambda's entry file names those that its handler needs, so its bundle
 * holds no client that it never uses, its cold start asks for no variable that it has not, and its type is the list of
 * what it can reach.
 */
import { createAlertTopics } from '../adapters/alert-topics.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createDynamoStore } from '../adapters/dynamodb/store.ts';
import { createTableRecords } from '../adapters/dynamodb/table-records.ts';
import { createJoseSealer } from '../adapters/jose-sealer.ts';
import { createKmsClient, createKmsKeyWrapper } from '../adapters/kms-key-wrapper.ts';
import { createKmsSigningKeys } from '../adapters/kms-signing-keys.ts';
import { createAccessRevokerClient, createLambdaAccessRevoker } from '../adapters/lambda-access-revoker.ts';
import { createConfigurationStepClient, createLambdaConfigurationStep } from '../adapters/lambda-configuration-step.ts';
import { createLambdaMaintainer, createMaintainerClient } from '../adapters/lambda-maintainer.ts';
import { createLambdaRefresher, createRefresherClient } from '../adapters/lambda-refresher.ts';
import { createLambdaTokenReader, createTokenReaderClient } from '../adapters/lambda-token-reader.ts';
import { createNoConfigurationStep } from '../adapters/no-configuration-step.ts';
import { createPemSigningKeys } from '../adapters/pem-signing-keys.ts';
import { createS3Client, createS3Lifeboat } from '../adapters/s3-lifeboat.ts';
import { createSalesforceApiHttp } from '../adapters/salesforce-api-http.ts';
import { createSalesforceHttp } from '../adapters/salesforce-http.ts';
import { orgsOfSalesforceOnly, salesforceOnly } from '../adapters/salesforce-only.ts';
import {
  createSecretsManagerClient,
  createSecretsManagerClientSecrets,
} from '../adapters/secrets-manager-client-secrets.ts';
import { createSecretsManagerSecretAges } from '../adapters/secrets-manager-secret-ages.ts';
import { createSnsAlertTopic, createSnsClient } from '../adapters/sns-alert-topic.ts';
import { createSnsChatTopic } from '../adapters/sns-chat-topic.ts';
import { createSqsConfigurationQueue } from '../adapters/sqs-configuration-queue.ts';
import { createSqsClient, createSqsRefreshQueue } from '../adapters/sqs-refresh-queue.ts';
import { createSystemClock } from '../adapters/system-clock.ts';
import { createSystemRandom } from '../adapters/system-random.ts';
import { createTableIdentity } from '../adapters/table-identity.ts';
import type { Ports } from '../core/ports.ts';
import type { Environment } from './environment.ts';
import { createLog, createMetrics, type RuntimeMetrics } from './observability.ts';
import { redactText } from './redaction.ts';

type Some<Name extends keyof Ports> = Pick<Ports, Name>;

/** What every Lambda has: time, chance, and a voice. */
export function processPorts(
  environment: Environment,
): Some<'clock' | 'random' | 'log'> & { readonly metrics: Required<RuntimeMetrics> } {
  const service = environment.serviceName();
  const namespace = environment.metricsNamespace();
  return {
    clock: createSystemClock(),
    random: createSystemRandom(),
    log: createLog({ service }),
    metrics: createMetrics({ service, namespace }),
  };
}

export function configPort(environment: Environment): Some<'config'> {
  return { config: environment.config() };
}

/** Who is held to which apps. */
export function appCallersPort(environment: Environment): Some<'appCallers'> {
  return { appCallers: environment.appCallers() };
}

/** The origin under which browsers come back. */
export function publicUrlPort(environment: Environment): Some<'publicUrl'> {
  return { publicUrl: environment.publicUrl() };
}

/** The addresses from which requests leave, where they are fixed. */
export function egressPort(environment: Environment): Some<'egressAddresses'> {
  return { egressAddresses: environment.egressAddresses() };
}

export function storePort(environment: Environment, { log }: Some<'log'>): Some<'store'> {
  return { store: createDynamoStore({ client: createDynamoClient(), tableName: environment.tableName(), log }) };
}

/** For whoever asks Salesforce for something on the strength of what the table holds. */
export function tableIdentityPort(
  environment: Environment,
  { clock }: Some<'clock'>,
  options: { readonly creates?: boolean } = {},
): Some<'tableIdentity'> {
  const records = createTableRecords(createDynamoClient(), environment.tableName());
  return { tableIdentity: createTableIdentity({ ...options, records, clock }) };
}

export function lifeboatPort(environment: Environment, { log }: Some<'log'>): Some<'lifeboat'> {
  return { lifeboat: createS3Lifeboat({ client: createS3Client(), bucket: environment.lifeboatBucket(), log }) };
}

/** Data keys and the seals made with them. */
export function sealingPorts(environment: Environment): Some<'keys' | 'sealer'> {
  return {
    keys: createKmsKeyWrapper({ client: createKmsClient(), keyId: environment.dataKeyId() }),
    sealer: createJoseSealer(),
  };
}

export function salesforcePort(environment: Environment): Some<'salesforce'> {
  return { salesforce: salesforceOnly(createSalesforceHttp(), environment.config().salesforceOrigin) };
}

export function salesforceApiPort(environment: Environment): Some<'salesforceApi'> {
  return { salesforceApi: orgsOfSalesforceOnly(createSalesforceApiHttp(), environment.config().salesforceOrigin) };
}

export function secretsPort(environment: Environment, { clock }: Some<'clock'>): Some<'secrets'> {
  const client = createSecretsManagerClient();
  const prefix = environment.clientSecretPrefix();
  return { secrets: createSecretsManagerClientSecrets({ client, prefix, now: () => clock.now() }) };
}

/** Whether client secrets are set, and since when, without their values. */
export function secretAgesPort(environment: Environment): Some<'secretAges'> {
  const prefix = environment.clientSecretPrefix();
  return { secretAges: createSecretsManagerSecretAges({ client: createSecretsManagerClient(), prefix }) };
}

/** Each app's keys lie where its configuration says. */
export function signingKeysPort(environment: Environment, { clock }: Some<'clock'>): Some<'signingKeys'> {
  const prefix = environment.signingKeyPrefix();
  const { apps } = environment.config();
  const byPlace = {
    kms: createKmsSigningKeys({ client: createKmsClient(), prefix, now: () => clock.now() }),
    pem: createPemSigningKeys({ client: createSecretsManagerClient(), prefix }),
  };
  const placeOf = (app: string) => (Object.hasOwn(apps, app) ? apps[app]?.signingKey : undefined) ?? 'kms';
  return {
    signingKeys: {
      of: (app) => byPlace[placeOf(app)].of(app),
      certificateEnds: (app) => byPlace[placeOf(app)].certificateEnds(app),
    },
  };
}

export function refreshQueuePort(environment: Environment, { clock }: Some<'clock'>): Some<'refreshQueue'> {
  const queueUrl = environment.refreshQueueUrl();
  return { refreshQueue: createSqsRefreshQueue({ client: createSqsClient(), queueUrl, clock }) };
}

export function refresherPort(environment: Environment): Some<'refresher'> {
  const functionName = environment.refreshFunctionName();
  return { refresher: createLambdaRefresher({ client: createRefresherClient(), functionName }) };
}

/** For `maintain`, which may open no access token. */
export function accessRevokerPort(environment: Environment): Some<'accessRevoker'> {
  const functionName = environment.refreshFunctionName();
  return { accessRevoker: createLambdaAccessRevoker({ client: createAccessRevokerClient(), functionName }) };
}

/** The topic of alerts, and the one of the chat where the construct was given a channel. */
export function alertsPort(environment: Environment, { metrics }: Some<'metrics'>): Some<'alerts'> {
  const client = createSnsClient();
  const alerts = createSnsAlertTopic({ client, topicArn: environment.alertTopicArn() });
  const chatTopicArn = environment.chatTopicArn();
  const chat = chatTopicArn === undefined ? undefined : createSnsChatTopic({ client, topicArn: chatTopicArn });
  return { alerts: createAlertTopics({ topics: { alerts, ...(chat === undefined ? {} : { chat }) }, metrics }) };
}

export function configurationQueuePort(environment: Environment): Some<'configurationQueue'> {
  const queueUrl = environment.configurationQueueUrl();
  return { configurationQueue: createSqsConfigurationQueue({ client: createSqsClient(), queueUrl }) };
}

/** The deployer's own step, or none where the construct was given none. */
export function configurationStepPort(environment: Environment): Some<'configurationStep'> {
  const functionName = environment.configurationFunctionName();
  if (functionName === undefined) return { configurationStep: createNoConfigurationStep() };
  const client = createConfigurationStepClient();
  return { configurationStep: createLambdaConfigurationStep({ client, functionName, redact: redactText }) };
}

export function maintainerPort(environment: Environment): Some<'maintainer'> {
  const functionName = environment.maintainFunctionName();
  return { maintainer: createLambdaMaintainer({ client: createMaintainerClient(), functionName }) };
}

export function tokensPort(environment: Environment): Some<'tokens'> {
  const functionName = environment.tokenFunctionName();
  return { tokens: createLambdaTokenReader({ client: createTokenReaderClient(), functionName }) };
}
