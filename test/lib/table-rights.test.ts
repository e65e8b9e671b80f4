/** What no role may ever do, whatever `tableRights` says: the template tests hold the roles to that table, these the table. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { type ItemAction, type ItemKind, mayDo, tableRights } from '../../lib/table-rights.ts';

const writes: readonly ItemAction[] = ['PutItem', 'UpdateItem', 'DeleteItem'];

/** Who may do `action` with items of `kind`, if only by naming nothing but its keys. */
function holders(action: ItemAction, kind: ItemKind, attributes: readonly string[] = ['pk', 'sk']): FunctionName[] {
  return functionNames.filter((name) => mayDo(tableRights[name], action, kind, attributes));
}

describe('the rights on items', () => {
  it('are to name single items: no scan, no batch of writes, no statement', () => {
    const known = ['GetItem', 'BatchGetItem', 'Query', ...writes];
    const actions = functionNames.flatMap((name) => tableRights[name].flatMap((one) => one.actions));
    assert.deepEqual(
      actions.filter((action) => !known.includes(action)),
      [],
    );
    for (const one of functionNames.flatMap((name) => tableRights[name])) assert.ok(one.kinds.length > 0);
  });

  it('show wrapped data keys to those who open them, and let refresh put them, and nobody change or delete one', () => {
    assert.deepEqual(holders('GetItem', 'data key').toSorted(), ['maintain', 'refresh', 'token']);
    assert.deepEqual(holders('PutItem', 'data key'), ['refresh']);
    for (const action of ['UpdateItem', 'DeleteItem', 'Query', 'BatchGetItem'] as const)
      assert.deepEqual(holders(action, 'data key'), [], action);
  });

  it('show sessions, with their hashes, to those who take part in a connect or end its grant', () => {
    assert.deepEqual(holders('GetItem', 'session').toSorted(), [
      'callback',
      'connect',
      'jwt-bearer',
      'maintain',
      'refresh',
    ]);
    assert.deepEqual(holders('PutItem', 'session'), ['connect']);
  });

  /** Whose connection it is, and since which authorization: who writes these can pass one grant for another's. */
  for (const attribute of ['orgId', 'userId', 'app', 'username', 'authorizedAt', 'flow']) {
    it(`let nobody write ${attribute} of a connection but those who get tokens, and maintain, which stores them`, () => {
      const writing = functionNames.filter((name) => mayWrite(name, ['pk', 'sk', attribute]));
      assert.deepEqual(writing.toSorted(), ['callback', 'jwt-bearer', 'maintain', 'refresh']);
    });
  }

  it('let token end no connection and put off no duty', () => {
    for (const attribute of ['status', 'duties', 'disconnectedAt', 'cause'])
      assert.ok(!mayWrite('token', ['pk', 'sk', attribute]), attribute);
    assert.ok(mayWrite('token', ['pk', 'sk', 'rejections']));
    for (const kind of ['session', 'integration', 'ledger', 'data key', 'identity'] as const)
      for (const action of writes) assert.ok(!mayDo(tableRights.token, action, kind), `${action} ${kind}`);
  });

  it('let configure and schedule-refreshes write no connection', () => {
    for (const name of ['configure', 'schedule-refreshes'] as const) {
      assert.ok(!mayWrite(name, ['pk', 'sk']), name);
      assert.ok(!mayDo(tableRights[name], 'DeleteItem', 'connection'), name);
    }
  });
});

function mayWrite(name: FunctionName, attributes: readonly string[]): boolean {
  return (['PutItem', 'UpdateItem'] as const).some((action) =>
    mayDo(tableRights[name], action, 'connection', attributes),
  );
}
