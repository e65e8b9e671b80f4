import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from './synthesized.ts';
import { actionsOf, mentions, onlyResource, statementsOf } from './template-reading.ts';

const template = templateWith();
const [dataKeyId, dataKey] = onlyResource(template, 'AWS::KMS::Key', 'DataKey');

interface Rights {
  readonly make: readonly string[];
  readonly open: readonly string[];
}

const nothing: Rights = { make: [], open: [] };
const both = ['access', 'refresh'];

/** Only `refresh` and `maintain` may unwrap purpose `refresh`, only `token` and `refresh` purpose `access`: who needs another's asks it. */
const expected: Readonly<Record<FunctionName, Rights>> = {
  connect: nothing,
  callback: { make: both, open: [] },
  configure: nothing,
  'schedule-refreshes': nothing,
  refresh: { make: both, open: both },
  'jwt-bearer': { make: both, open: [] },
  token: { make: [], open: ['access'] },
  connections: nothing,
  maintain: { make: [], open: ['refresh'] },
};

describe('the key that wraps data keys', () => {
  for (const name of functionNames) {
    const { make, open } = expected[name];
    it(`lets ${name} make keys for [${make}] and open keys for [${open}]`, () => {
      assert.deepEqual(
        { make: purposesOf(name, 'kms:GenerateDataKey'), open: purposesOf(name, 'kms:Decrypt') },
        { make, open },
      );
    });
  }

  it('is used for nothing else, and never without a scope', () => {
    for (const statement of functionNames.flatMap(statementsOn)) {
      assert.deepEqual(
        actionsOf(statement).filter((action) => action !== 'kms:GenerateDataKey' && action !== 'kms:Decrypt'),
        [],
      );
      assert.deepEqual(statement.Condition?.Null, { 'kms:EncryptionContext:scope': 'false' });
    }
  });

  it('rotates and is kept when the stack is deleted', () => {
    assert.equal(dataKey.Properties.EnableKeyRotation, true);
    assert.equal(dataKey.DeletionPolicy, 'Retain');
  });

  it('has a policy that lets in this account’s roles and nobody else', () => {
    const principals = dataKey.Properties.KeyPolicy.Statement.map(
      (statement: { Principal: unknown }) => statement.Principal,
    );
    assert.equal(principals.length, 1);
    assert.match(JSON.stringify(principals[0]), /"AWS".*AWS::AccountId.*:root/);
  });
});

function statementsOn(name: FunctionName) {
  return statementsOf(template, name).filter(({ Resource }) => mentions(Resource, dataKeyId));
}

function purposesOf(name: FunctionName, action: string): string[] {
  return statementsOn(name)
    .filter((statement) => actionsOf(statement).includes(action))
    .flatMap(({ Condition }) => Condition?.StringEquals?.['kms:EncryptionContext:purpose'] as string[]);
}
