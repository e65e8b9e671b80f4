/** The store contract on the counts of waiting readers: everybody adds, nobody is refused, nothing is taken away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MakeStore } from './store-contract.ts';

const [acme, other] = ['00D000000000001AAA', '00D000000000002AAA'];
const entered = { kind: 'entered' } as const;

export function waitingReadersContract(makeStore: MakeStore): void {
  describe('waiting readers', () => {
    it('are none before anybody came', async () => {
      const store = await makeStore();
      assert.deepEqual(await store.readersOf(acme, 7), { entered: 0, served: 0, gaveUp: 0, turnedAway: 0 });
    });

    it('are counted by what they do, and each is answered the counts with itself', async () => {
      const store = await makeStore();
      assert.deepEqual(await store.noteReader(acme, 7, entered), { entered: 1, served: 0, gaveUp: 0, turnedAway: 0 });
      assert.deepEqual(await store.noteReader(acme, 7, entered), { entered: 2, served: 0, gaveUp: 0, turnedAway: 0 });
      assert.deepEqual(await store.noteReader(acme, 7, { kind: 'served' }), {
        entered: 2,
        served: 1,
        gaveUp: 0,
        turnedAway: 0,
      });
      const after = { entered: 2, served: 1, gaveUp: 1, turnedAway: 0, hangsUntil: 5_000 };
      assert.deepEqual(await store.noteReader(acme, 7, { kind: 'gave_up', hangsUntil: 5_000 }), after);
      assert.deepEqual(await store.readersOf(acme, 7), after);
      const away = { ...after, turnedAway: 1, hangsUntil: 6_000 };
      assert.deepEqual(await store.noteReader(acme, 7, { kind: 'turned_away', hangsUntil: 6_000 }), away);
      const soon = { ...away, gaveUp: 2, turnedAway: 2 };
      await store.noteReader(acme, 7, { kind: 'turned_away' });
      assert.deepEqual(await store.noteReader(acme, 7, { kind: 'gave_up' }), soon);
    });

    it('that come at once are each counted', async () => {
      const store = await makeStore();
      const all = await Promise.all(Array.from({ length: 30 }, () => store.noteReader(acme, 7, entered)));
      const tickets = all.map((counts) => counts.entered).toSorted((a, b) => a - b);
      assert.deepEqual(
        tickets,
        Array.from({ length: 30 }, (_, index) => index + 1),
      );
    });

    it('of another org or another minute are others', async () => {
      const store = await makeStore();
      await store.noteReader(acme, 7, entered);
      for (const [orgId, period] of [
        [other, 7],
        [acme, 8],
      ] as const) {
        assert.equal((await store.readersOf(orgId, period)).entered, 0);
      }
    });
  });
}
