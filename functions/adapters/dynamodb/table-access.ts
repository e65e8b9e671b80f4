/** How each part of the adapter reaches the table, and what becomes of the SDK's failures. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailableError } from '../../core/errors.ts';
import type { Log, Written } from '../../core/ports.ts';

export interface TableAccess {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly shards: number;
  readonly log: Pick<Log, 'warn'>;
  /** Resolves after `ms` milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * The answer of a request.
 *
 * @throws StoreUnavailableError for whatever it fails with: for the caller a refused and a lost write are alike. Its
 * message names the operation and the error's class only, for the SDK's messages may quote an item.
 */
export async function answerOf<Answer>(operation: string, request: () => Promise<Answer>): Promise<Answer> {
  try {
    return await request();
  } catch (error) {
    throw new StoreUnavailableError(
      `DynamoDB ${operation} failed with ${nameOf(error)}; if it was a write, its outcome is unknown. Try again later`,
      { cause: error },
    );
  }
}

/** What became of a conditional write. */
export async function writtenBy(operation: string, request: () => Promise<unknown>): Promise<Written> {
  const attempt = async (): Promise<Written> => {
    try {
      await request();
      return 'written';
    } catch (error) {
      if (nameOf(error) === 'ConditionalCheckFailedException') return 'conflict';
      throw error;
    }
  };
  return answerOf(operation, attempt);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
