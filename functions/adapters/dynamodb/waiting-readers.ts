/**
 * How many readers of an org wait: an item for each org and minute, to which everybody adds without a condition. A retry
 * of the SDK may count twice, until the minute is over.
 */
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Store } from '../../core/ports.ts';
import type { ReaderCounts, ReaderStep } from '../../core/waiting-readers.ts';
import { readersKey } from './keys.ts';
import { answerOf, type TableAccess } from './table-access.ts';

/** Long after its readers: of use to nobody. */
const keptSeconds = 3_600;
const periodSeconds = 60;

export function createWaitingReaders({ client, tableName }: TableAccess): Pick<Store, 'noteReader' | 'readersOf'> {
  return {
    async noteReader(orgId, period, step) {
      const hangsUntil = 'hangsUntil' in step ? step.hangsUntil : undefined;
      const command = new UpdateCommand({
        TableName: tableName,
        Key: readersKey(orgId, period),
        UpdateExpression: `SET #version = :version, expiresAtEpochSeconds = :expires${hangsUntil === undefined ? '' : ', hangsUntil = :hangs'} ADD ${attributeOf[step.kind]} :one`,
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: {
          ':version': 1,
          ':expires': (period + 1) * periodSeconds + keptSeconds,
          ':one': 1,
          ...(hangsUntil === undefined ? {} : { ':hangs': hangsUntil }),
        },
        ReturnValues: 'ALL_NEW',
      });
      const { Attributes: stored } = await answerOf('UpdateItem', () => client.send(command));
      return countsOf(stored);
    },

    async readersOf(orgId, period) {
      const command = new GetCommand({ TableName: tableName, Key: readersKey(orgId, period), ConsistentRead: true });
      const { Item: stored } = await answerOf('GetItem', () => client.send(command));
      return countsOf(stored);
    },
  };
}

const attributeOf: Readonly<Record<ReaderStep['kind'], keyof ReaderCounts>> = {
  entered: 'entered',
  served: 'served',
  gave_up: 'gaveUp',
  turned_away: 'turnedAway',
};

/** What another release wrote otherwise counts as nobody: it is forgotten within the minute. */
function countsOf(stored: Record<string, unknown> = {}): ReaderCounts {
  const number = (value: unknown) => (typeof value === 'number' ? value : 0);
  const { hangsUntil } = stored;
  return {
    entered: number(stored.entered),
    served: number(stored.served),
    gaveUp: number(stored.gaveUp),
    turnedAway: number(stored.turnedAway),
    ...(typeof hangsUntil === 'number' ? { hangsUntil } : {}),
  };
}
