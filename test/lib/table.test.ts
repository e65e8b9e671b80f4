import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTableInput } from '../../functions/adapters/dynamodb/table.ts';
import { templateWith } from './synthesized.ts';
import { onlyResource } from './template-reading.ts';

describe('the table, by default', () => {
  const template = templateWith();
  const [, table] = onlyResource(template, 'AWS::DynamoDB::Table');
  const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');

  it('can be recovered to any second, so that a bad release does not cost the grants', () => {
    assert.deepEqual(table.Properties.PointInTimeRecoverySpecification, { PointInTimeRecoveryEnabled: true });
  });

  it('is protected from deletion, and kept when its stack is deleted or it is replaced', () => {
    assert.equal(table.Properties.DeletionProtectionEnabled, true);
    assert.equal(table.DeletionPolicy, 'Retain');
    assert.equal(table.UpdateReplacePolicy, 'Retain');
  });

  it('is encrypted with our key', () => {
    assert.deepEqual(table.Properties.SSESpecification, {
      SSEEnabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: { 'Fn::GetAtt': [storageKeyId, 'Arn'] },
    });
  });

  it('tidies up by expiresAtEpochSeconds', () => {
    assert.deepEqual(table.Properties.TimeToLiveSpecification, {
      AttributeName: 'expiresAtEpochSeconds',
      Enabled: true,
    });
  });

  it('has the keys and indexes that the adapter makes locally, on demand', () => {
    const local = createTableInput('any');
    const byName = (a: { AttributeName?: string }, b: { AttributeName?: string }) =>
      String(a.AttributeName).localeCompare(String(b.AttributeName));
    assert.equal(table.Properties.BillingMode, 'PAY_PER_REQUEST');
    assert.deepEqual(table.Properties.KeySchema, local.KeySchema);
    assert.deepEqual(table.Properties.GlobalSecondaryIndexes, local.GlobalSecondaryIndexes);
    assert.deepEqual(
      table.Properties.AttributeDefinitions.toSorted(byName),
      (local.AttributeDefinitions ?? []).toSorted(byName),
    );
  });
});

describe('the table, where nothing is to be retained', () => {
  it('goes with its stack', () => {
    const [, table] = onlyResource(templateWith({ retain: false }), 'AWS::DynamoDB::Table');
    assert.equal(table.DeletionPolicy, 'Delete');
    assert.equal(table.Properties.DeletionProtectionEnabled, false);
  });
});
