/** Events and contexts as API Gateway and Lambda make them, for the tests of the stacks. */
import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';

export interface EventOptions {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly cookies?: string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly pathParameters?: Record<string, string>;
}

export function httpEvent(options: EventOptions): APIGatewayProxyEventV2 {
  const { method = 'GET', path, query = '', headers = {}, isBase64Encoded = false } = options;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers,
    ...(options.cookies === undefined ? {} : { cookies: options.cookies }),
    ...(options.pathParameters === undefined ? {} : { pathParameters: options.pathParameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'api',
      domainName: 'grants.example.com',
      domainPrefix: 'grants',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'gateway-request-1',
      routeKey: '$default',
      stage: '$default',
      time: '21/Nov/2026:00:00:00 +0000',
      timeEpoch: 1_795_219_200_000,
    },
    isBase64Encoded,
    ...(options.body === undefined ? {} : { body: options.body }),
  };
}

export function jsonEvent(path: string, body: unknown, options: Partial<EventOptions> = {}): APIGatewayProxyEventV2 {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return httpEvent({ method: 'POST', path, headers: { 'Content-Type': 'application/json' }, body: text, ...options });
}

export function lambdaContext(remainingTimeMs = 59_000): Context {
  return {
    awsRequestId: 'lambda-request-1',
    functionName: 'grantkeeper-test',
    getRemainingTimeInMillis: () => remainingTimeMs,
  } as Context;
}

/** Lets timers of a few milliseconds come due. */
export async function someTurns(): Promise<void> {
  const begun = performance.now();
  while (performance.now() - begun < 10) await new Promise((resolve) => setImmediate(resolve));
}

export function sqsEvent(...bodies: string[]): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: `receipt-${index}`,
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 'sender',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:refreshes.fifo',
      awsRegion: 'us-east-1',
    })),
  };
}
