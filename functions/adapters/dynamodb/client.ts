/**
 * The DynamoDB client: few tries and short timeouts, so that the worst case of one call (three times two seconds and
 * the waits between) leaves a refresh time for the lifeboat.
 *
 * A try that is given up may have been applied all the same: see `Collection` in `core/ports.ts`.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface DynamoClientOptions extends Pick<DynamoDBClientConfig, 'region' | 'endpoint' | 'credentials'> {
  /** @default 1000 */
  readonly connectionTimeoutMs?: number;
  /** Of one try. @default 2000 */
  readonly requestTimeoutMs?: number;
  /** @default 3 */
  readonly maxAttempts?: number;
  /** @default 50 */
  readonly maxSockets?: number;
}

/** Region, endpoint and credentials come from the SDK's own chain where they are not given. */
export function createDynamoClient(options: DynamoClientOptions = {}): DynamoDBDocumentClient {
  const {
    connectionTimeoutMs = 1000,
    requestTimeoutMs = 2000,
    maxAttempts = 3,
    maxSockets = 50,
    region,
    endpoint,
    credentials,
  } = options;
  const agent = { keepAlive: true, maxSockets };
  const client = new DynamoDBClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Without it the timeout is a line in a log.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
