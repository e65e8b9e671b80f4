import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from './synthesized.ts';
import { actionsOf, mentions, onlyResource, statementsOf } from './template-reading.ts';

const template = templateWith();
const [storageKeyId, storageKey] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');

describe('the storage key', () => {
  it('rotates and is kept when the stack is deleted', () => {
    assert.equal(storageKey.Properties.EnableKeyRotation, true);
    assert.equal(storageKey.DeletionPolicy, 'Retain');
  });

  it('lets alarms of this account publish to the encrypted topic', () => {
    const statement = statementFor('cloudwatch.amazonaws.com');
    assert.deepEqual(statement.Action, ['kms:Decrypt', 'kms:GenerateDataKey']);
    assert.deepEqual(statement.Condition, { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
  });

  it('lets CloudWatch Logs encrypt log groups of this account and region only', () => {
    const statement = statementFor('logs.');
    assert.match(
      JSON.stringify(statement.Condition.ArnLike['kms:EncryptionContext:aws:logs:arn']),
      /AWS::Region.*AWS::AccountId.*:log-group:\*/,
    );
  });

  for (const name of functionNames) {
    it(`is used by ${name} only through the service that holds the data`, () => {
      const statements = statementsOf(template, name).filter(({ Resource }) => mentions(Resource, storageKeyId));
      assert.ok(statements.length > 0);
      for (const statement of statements) {
        assert.match(
          JSON.stringify(statement.Condition?.StringEquals?.['kms:ViaService']),
          /"(dynamodb|sqs|sns|secretsmanager)\."/,
        );
      }
    });
  }

  it('encrypts items for those who write them only', () => {
    const encrypting = functionNames.filter((name) =>
      statementsOf(template, name).some((statement) => actionsOf(statement).includes('kms:Encrypt')),
    );
    const readers = ['schedule-refreshes'];
    assert.deepEqual(
      encrypting,
      functionNames.filter((name) => !readers.includes(name)),
    );
  });
});

function statementFor(service: string) {
  const found = storageKey.Properties.KeyPolicy.Statement.find((statement: { Principal: unknown }) =>
    JSON.stringify(statement.Principal).includes(service),
  );
  assert.ok(found, `no statement of the key's policy is for ${service}`);
  return found;
}
