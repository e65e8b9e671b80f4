/** The simulation's checks can fail: in a sabotaged world each notices what it is there for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from '../../../dev/simulation/cleartext.ts';
import { jsonAnswer, refusal } from '../../../dev/simulation/raw-answers.ts';
import { runSchedule } from '../../../dev/simulation/schedule.ts';
import type { World } from '../../../dev/simulation/world.ts';
import { sha256Hex } from '../../../functions/core/hash.ts';

const seedsAtMost = 400;

async function brokenBy(sabotage: (world: World) => void, promise: string): Promise<string> {
  for (let seed = 1; seed <= seedsAtMost; seed += 1) {
    const { broken } = await runSchedule(seed, false, sabotage);
    const found = broken.find((one) => one.promise.startsWith(promise));
    if (found !== undefined) return found.detail;
  }
  return assert.fail(`${seedsAtMost} schedules did not notice that promise ${promise} was broken`);
}

test('a lifeboat that keeps nothing is noticed as a lost grant', async () => {
  const sabotage = ({ lifeboat }: World) => Object.assign(lifeboat, { put: () => undefined });
  assert.match(await brokenBy(sabotage, '2'), /refresh/);
});

test('a store that takes any write for the newest is noticed', async () => {
  const sabotage = ({ store }: World) => {
    const { connections } = store;
    const replace = connections.replace.bind(connections);
    Object.assign(connections, {
      replace: async (before: never, after: { id: string; revision: number }) => {
        const stored = await connections.read(after.id);
        const revision = stored?.revision ?? 0;
        return replace({ ...(before as object), revision } as never, { ...after, revision: revision + 1 } as never);
      },
    });
  };
  assert.notEqual(await brokenBy(sabotage, '3'), '');
});

test('a revocation that Salesforce did not do is noticed as a second living grant', async () => {
  const sabotage = ({ books }: World) =>
    Object.assign(books, { revoke: () => ({ answer: refusal('invalid_token', '') }) });
  assert.match(await brokenBy(sabotage, '4'), /lives/);
});

test('a living grant that is given up is noticed', async () => {
  const dead = { answer: refusal('invalid_grant', 'expired access/refresh token') };
  const sabotage = ({ books }: World) => Object.assign(books, { refresh: () => dead });
  assert.match(await brokenBy(sabotage, '5'), /lives/);
});

test('an alert that never leaves is noticed', async () => {
  const sabotage = ({ monitor }: World) => Object.assign(monitor, { alerted: () => undefined });
  assert.match(await brokenBy(sabotage, '7'), /never published|which nobody was told/);
});

test('a token in the clear is noticed', async () => {
  const sabotage = ({ sealing }: World) => {
    const seal = sealing.sealer.seal.bind(sealing.sealer);
    const leaky: typeof seal = async (text, key, id, context) =>
      `${await seal(text, key, id, context)}${clear('access', 1)}`;
    Object.assign(sealing.sealer, { seal: leaky });
  };
  assert.match(await brokenBy(sabotage, '8'), /clear/);
});

test('a connection that no tick finds is noticed as stuck', async () => {
  const sabotage = ({ store }: World) => Object.assign(store, { dueConnections: async () => ({ items: [] }) });
  assert.notEqual(await brokenBy(sabotage, 'stuck'), '');
});

test('a token of a login that works on after its disconnect is noticed', async () => {
  const sabotage = ({ books }: World) => Object.assign(books, { revoke: () => ({ answer: jsonAnswer(200, {}) }) });
  assert.match(await brokenBy(sabotage, 'only a disconnect revokes'), /works/);
});

test('logins without a count are noticed', async () => {
  const sabotage = ({ store }: World) => {
    for (const collection of [store.connections, store.introductions]) {
      const replace = collection.replace.bind(collection);
      const forgetful = (before: never, after: object) => replace(before, { ...after, logins: undefined } as never);
      Object.assign(collection, { replace: forgetful });
    }
  };
  assert.match(await brokenBy(sabotage, 'the hour is not used up'), /in an hour/);
});

test('introductions that every caller may begin are noticed as two logins at a time', async () => {
  const sabotage = ({ store }: World) => {
    const { introductions } = store;
    const replace = introductions.replace.bind(introductions);
    const create = introductions.create.bind(introductions);
    const free = <T extends { lease?: unknown }>(item: T) => ({ ...item, lease: undefined }) as never;
    Object.assign(introductions, {
      create: (item: object) => create(free(item)),
      replace: (before: never, after: object) => replace(before, free(after)),
    });
  };
  assert.match(await brokenBy(sabotage, 'one login at a time'), /waits/);
});

test('a use that is never taken back is noticed', async () => {
  const sabotage = ({ store }: World) => Object.assign(store, { removeUse: async () => undefined });
  assert.match(await brokenBy(sabotage, 'uses agree'), /recorded as a use/);
});

test('a ledger that keeps nothing is noticed', async () => {
  const sabotage = ({ store }: World) => Object.assign(store.ledgers, { read: async () => undefined });
  assert.notEqual(await brokenBy(sabotage, 'the ledger agrees'), '');
});

test('a configuration that is called done and never ran is noticed', async () => {
  const sabotage = ({ monitor }: World) => Object.assign(monitor, { stepRan: () => undefined });
  assert.match(await brokenBy(sabotage, 'a configuration'), /never ran/);
});

test('a configuration that is never asked for is noticed', async () => {
  const sabotage = ({ monitor }: World) => Object.assign(monitor, { configurationAsked: () => undefined });
  assert.match(await brokenBy(sabotage, 'a configuration'), /never asked for/);
});

test('a claim that anybody could have made is noticed', async () => {
  const sabotage = ({ store }: World) => {
    const { sessions } = store;
    const read = sessions.read.bind(sessions);
    // Whoever reads it finds that the claim is the one that is guessed.
    Object.assign(sessions, {
      read: async (id: string) => {
        const session = await read(id);
        if (session?.binding === undefined) return session;
        return { ...session, binding: { ...session.binding, claimSha256: sha256Hex('guessed') } };
      },
    });
  };
  assert.match(await brokenBy(sabotage, 'no link without a claim'), /guessed/);
});

test('an authorization that ends the stored grant while older ones could have gone is noticed', async () => {
  const sabotage = ({ books }: World) => {
    const livingOf = books.livingOf.bind(books);
    // The newest goes first.
    const newestOnly = (orgId: string, userId: string) => {
      const living = livingOf(orgId, userId);
      return living.map(() => living.at(-1)!);
    };
    Object.assign(books.switches, { limit: 2 });
    Object.assign(books, { livingOf: newestOnly });
  };
  assert.match(await brokenBy(sabotage, '4 we never evict'), /is evicted by an authorization of ours/);
});
