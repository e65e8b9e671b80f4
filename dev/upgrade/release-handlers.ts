/**
 * Every Lambda of one release, over the engines of a local stack: its own adapters for all that outlives a process, the
 * stack's ports for the rest (clock, configuration, key service, client secrets).
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { createSystemRandom } from '../../functions/adapters/system-random.ts';
import type { Ports, Store } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { localClientConfig, localRegion } from '../local/aws-clients.ts';
import { heldStore } from '../local/held-store.ts';
import type { Handlers } from '../local/lambda.ts';
import { localTableName } from '../local/local-table.ts';
import type { Release } from './release.ts';

export interface Engines {
  /** `http://127.0.0.1:PORT` */
  readonly dynamodb: string;
  readonly messaging: string;
}

export interface ReleaseOptions {
  readonly release: Release;
  /** Of the stack. */
  readonly ports: Ports;
  readonly engines: Engines;
  /** Invokes whichever release is deployed. */
  call(name: FunctionName, event: unknown): Promise<unknown>;
  /** Stands between the flows and the store. */
  between(store: Store, release: Release): Store;
}

export interface RunningRelease {
  readonly handlers: Handlers;
  close(): void;
}

export const queueUrl = (engine: string, name: 'refreshes.fifo' | 'configurations'): string =>
  `${engine}/000000000000/${name}`;
const topicArn = `arn:aws:sns:${localRegion}:000000000000:alerts`;
const lifeboatBucket = 'lifeboat';

export function runRelease(options: ReleaseOptions): RunningRelease {
  const { release, ports, engines } = options;
  const clients = clientsOf(engines);
  // Without canaries: the release before draws what is no secret at a secret's length.
  const own = { ...ports, random: createSystemRandom(), ...adaptersOf(options, clients) };
  /** Its role is that of this tree: CloudFormation changes policies before it changes code. */
  const held = (name: FunctionName): Ports => ({
    ...own,
    store: options.between(heldStore(own.store, name), release),
  });
  const handlers = {
    connect: release.createConnectHandler(held('connect')),
    callback: release.createCallbackHandler(held('callback')),
    configure: release.createConfigureHandler(held('configure')),
    'schedule-refreshes': release.createScheduleRefreshesHandler(held('schedule-refreshes')),
    refresh: release.createRefreshHandler(held('refresh')),
    'jwt-bearer': release.createJwtBearerHandler(held('jwt-bearer')),
    token: release.createTokenHandler(held('token')),
    connections: release.createConnectionsHandler(held('connections')),
    maintain: release.createMaintainHandler(held('maintain')),
  };
  return {
    handlers: handlers as unknown as Handlers,
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

function clientsOf({ dynamodb, messaging }: Engines) {
  return {
    dynamodb: createDynamoClient(localClientConfig(dynamodb)),
    sqs: new SQSClient(localClientConfig(messaging)),
    sns: new SNSClient(localClientConfig(messaging)),
    s3: new S3Client({ ...localClientConfig(messaging), forcePathStyle: true }),
  };
}

function adaptersOf({ release, ports, engines, call }: ReleaseOptions, clients: ReturnType<typeof clientsOf>) {
  const { clock, log } = ports;
  const { createTableRecords, createTableIdentity, createLambdaAccessRevoker } = release;
  const lambda = (functionName: FunctionName) => ({ client: playedLambda(call), functionName });
  return {
    store: release.createDynamoStore({ client: clients.dynamodb, tableName: localTableName, log }),
    lifeboat: release.createS3Lifeboat({ client: clients.s3, bucket: lifeboatBucket, log }),
    sealer: release.createJoseSealer(),
    salesforce: release.createSalesforceHttp(),
    salesforceApi: release.createSalesforceApiHttp(),
    refreshQueue: release.createSqsRefreshQueue({
      client: clients.sqs,
      queueUrl: queueUrl(engines.messaging, 'refreshes.fifo'),
      clock,
    }),
    configurationQueue: release.createSqsConfigurationQueue({
      client: clients.sqs,
      queueUrl: queueUrl(engines.messaging, 'configurations'),
    }),
    alerts: release.createSnsAlertTopic({ client: clients.sns, topicArn }),
    refresher: release.createLambdaRefresher(lambda('refresh')),
    maintainer: release.createLambdaMaintainer(lambda('maintain')),
    tokens: release.createLambdaTokenReader(lambda('token')),
    ...(createLambdaAccessRevoker && { accessRevoker: createLambdaAccessRevoker(lambda('refresh')) }),
    ...(createTableIdentity &&
      createTableRecords && {
        tableIdentity: createTableIdentity({ records: createTableRecords(clients.dynamodb, localTableName), clock }),
      }),
  };
}

/** The Invoke API: an event and an answer as JSON, and a function that threw told as AWS tells it. */
function playedLambda(call: ReleaseOptions['call']): LambdaClient {
  const send = async ({ input }: { input: { FunctionName: FunctionName; Payload: string } }) => {
    const answer = await call(input.FunctionName, JSON.parse(input.Payload)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const failed = 'error' in answer;
    const body = failed ? { errorType: 'Error', errorMessage: String(answer.error) } : answer.value;
    return { ...(failed && { FunctionError: 'Unhandled' }), Payload: new TextEncoder().encode(JSON.stringify(body)) };
  };
  return { send } as unknown as LambdaClient;
}
