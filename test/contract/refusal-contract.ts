/** The store contract on what is refused: writes that no caller may ask for, and items that this release does not read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnreadableItemError } from '../../functions/core/errors.ts';
import type { Store } from '../../functions/core/ports.ts';
import { aConnection, aGrant, next } from './items.ts';
import type { MakeStore } from './store-contract.ts';

export function refusalContract(makeStore: MakeStore): void {
  describe('what callers must not do', () => {
    const refusals: Record<string, (store: Store) => Promise<unknown>> = {
      'create at another revision than 1': ({ connections }) => connections.create(next(aConnection(1))),
      'skip a revision': ({ connections }) => connections.replace(aConnection(1), next(next(aConnection(1)))),
      'write the same revision again': ({ connections }) => connections.replace(aConnection(1), aConnection(1)),
      'write over another item': ({ connections }) => connections.replace(aConnection(1), next(aConnection(2))),
      'use a label with a separator': ({ integrations }) => integrations.read({ tenant: 'a#b', integration: 'c' }),
    };
    for (const [act, offend] of Object.entries(refusals)) {
      it(`refuses to ${act}`, async () => {
        const store = await makeStore();
        await assert.rejects(offend(store), RangeError);
      });
    }
  });

  describe('items that this release does not read', () => {
    it('names the key and the version of an item of another version', async () => {
      const { connections } = await makeStore();
      const { id } = aConnection(1);
      await connections.create({ ...aConnection(1), version: 2 as 1 });
      await assert.rejects(connections.read(id), (error: unknown) => {
        assert.ok(error instanceof UnreadableItemError);
        assert.match(error.message, new RegExp(`${id.replaceAll('.', '\\.')} has version 2`));
        return true;
      });
    });

    it('names the place where an item is damaged, and nothing of its contents', async () => {
      const { connections } = await makeStore();
      const grant = aGrant('grant-1', { accessToken: 'eyJ-sealed', refreshes: 'three' as unknown as number });
      await connections.create(aConnection(1, {}, { grant }));
      await assert.rejects(connections.read(aConnection(1).id), (error: unknown) => {
        assert.ok(error instanceof UnreadableItemError);
        assert.match(error.message, /grant\.refreshes/);
        assert.doesNotMatch(error.message, /three|eyJ/);
        return true;
      });
    });
  });
}
