/** The simulation's checks can fail: in a sabotaged world each notices what it is there for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from '../../../dev/simulation/cleartext.ts';
import { jsonAnswer, refusal } from '../../../dev/simulation/raw-answers.ts';
import { runSchedule } from '../../../dev/simulation/schedule.ts';
import type { World } from '../../../dev/simulation/world.ts';

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
  assert.match(await brokenBy(sabotage, '7'), /never published/);
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
