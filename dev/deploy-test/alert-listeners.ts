/**
 * Who hears of alerts in the deployed stack: queues that were subscribed with it, and an HTTP endpoint that subscribes
 * itself, confirms, and keeps what it gets.
 *
 * The emulator delivers over plain HTTP only, and its `SubscribeURL` names a port that speaks TLS: the endpoint confirms
 * by the token of the same message instead. Its signatures are fake, so they are not verified here.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FunctionName } from '../../functions/core/routes.ts';
import { administrator, emulatedRegion } from './aws-environment.ts';
import { until } from './poll.ts';

export interface AlertListenersOptions {
  readonly endpoint: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
  readonly topicArn: string;
}

/** SNS's envelope, as queues and web addresses get it. */
export interface Envelope {
  readonly Type: 'Notification' | 'SubscriptionConfirmation';
  readonly Token?: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Value: string }>>;
}

export interface AlertListeners {
  /** What lies in a queue, once each. */
  receive(queueName: string): Promise<Envelope[]>;
  /** Posted to the HTTP endpoint so far, with the header that says of what kind it is. */
  readonly posted: readonly { readonly kind: string; readonly envelope: Envelope }[];
  /** Subscribes the HTTP endpoint, which confirms. */
  subscribeEndpoint(): Promise<void>;
  /** Invokes a Lambda as its schedule does, and waits for its answer. */
  tick(name: FunctionName): Promise<void>;
  close(): Promise<void>;
}

const confirmedWithinMs = 10_000;
const bodyAtMost = 300_000;

export async function listenToAlerts({
  endpoint,
  certificate,
  topicArn,
}: AlertListenersOptions): Promise<AlertListeners> {
  const config = {
    endpoint,
    region: emulatedRegion,
    credentials: administrator,
    requestHandler: { httpsAgent: new Agent({ ca: certificate }), requestTimeout: 60_000, throwOnRequestTimeout: true },
  };
  const [sns, sqs, lambda] = [new SNSClient(config), new SQSClient(config), new LambdaClient(config)];
  const posted: { kind: string; envelope: Envelope }[] = [];
  const server = await serve(posted);
  return {
    posted,
    receive: (queueName) => receive(sqs, queueName),
    async subscribeEndpoint() {
      const Endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
      await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'http', Endpoint }));
      const Token = await until('SNS asks the endpoint to confirm', confirmedWithinMs, async () => {
        const asked = posted.find(({ kind }) => kind === 'SubscriptionConfirmation');
        return asked?.envelope.Token;
      });
      await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topicArn, Token }));
    },
    tick: (name) => invoke(lambda, name),
    async close() {
      server.close();
      server.closeAllConnections();
      for (const client of [sns, sqs, lambda]) client.destroy();
    },
  };
}

async function serve(posted: { kind: string; envelope: Envelope }[]): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
      if (body.length > bodyAtMost) request.destroy();
    });
    request.on('end', () => {
      posted.push({ kind: String(request.headers['x-amz-sns-message-type']), envelope: JSON.parse(body) });
      response.writeHead(200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function receive(sqs: SQSClient, QueueName: string): Promise<Envelope[]> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  // Not deleted: hidden for longer than this test takes.
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
  );
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as Envelope);
}

async function invoke(lambda: LambdaClient, name: FunctionName): Promise<void> {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({ MaxItems: 50 }));
  const [found, ...others] = Functions.filter(
    ({ Environment }) => Environment?.Variables?.POWERTOOLS_SERVICE_NAME === name,
  );
  if (found === undefined || others.length > 0) throw new Error(`Not one of the functions is ${name}.`);
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: found.FunctionName, Payload: '{}' }));
  if (FunctionError !== undefined) throw new Error(`${name} failed when it was invoked: ${FunctionError}.`);
}
