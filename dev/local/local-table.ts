/** The one table on a local engine: made if it is not there, waited for. */
import { CreateTableCommand, ResourceInUseException, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTableInput } from '../../functions/adapters/dynamodb/table.ts';

export const localTableName = 'grantkeeper-local';

/** Throws where the engine does not answer, with what to do. */
export async function ensureTable(client: DynamoDBDocumentClient, endpoint: string): Promise<void> {
  try {
    await client.send(new CreateTableCommand(createTableInput(localTableName)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) {
      throw new Error(`The DynamoDB engine at ${endpoint} did not make the table: ${String(error)}. Is it running?`, {
        cause: error,
      });
    }
  }
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: localTableName });
}
