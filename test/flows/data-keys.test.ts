import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommandError } from '../../cli/command-error.ts';
import { dataKeys, pruneAfterMs } from '../../cli/data-keys.ts';
import type { DataKeysOptions } from '../../cli/data-keys-line.ts';
import { type DataKeysWorld, dataKeysWorld } from '../../cli/data-keys-world.ts';
import { localClientConfig } from '../../dev/local/aws-clients.ts';
import { localTableName } from '../../dev/local/local-table.ts';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { SealError } from '../../functions/core/errors.ts';
import { sealsOf } from '../../functions/core/forget-org.ts';
import { sha256Hex } from '../../functions/core/hash.ts';
import { createVault } from '../../functions/flows/vault.ts';
import { type Flow, org, otherOrg, otherUser, startFlow, worksAtSalesforce } from '../support/flow.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const warmMs = 5 * minuteMs;

interface Keyed {
  readonly flow: Flow;
  readonly world: DataKeysWorld;
  act(act: DataKeysOptions['act'], more?: Partial<DataKeysOptions>): Promise<{ good: boolean; text: string }>;
}

async function keyed(run: (keyed: Keyed) => Promise<void>): Promise<void> {
  const flow = await startFlow();
  const client = createDynamoClient(localClientConfig(flow.stack.listeners.dynamodb ?? ''));
  const world: DataKeysWorld = {
    ...dataKeysWorld({ table: localTableName }, client),
    keys: flow.stack.ports.keys,
    now: flow.clock.now,
  };
  const act: Keyed['act'] = async (what, more = {}) => {
    const options = { act: what, table: localTableName, org: org.id, yes: false, ...more };
    const { lines, good } = await dataKeys(options, world);
    return { good, text: lines.join('\n') };
  };
  try {
    await run({ flow, world, act });
  } finally {
    client.destroy();
    await flow.close();
  }
}

/** Three hours on: the session is over, and the refresh seals anew. */
async function refreshed(flow: Flow): Promise<void> {
  flow.clock.advance(3 * hourMs);
  await flow.stack.tick();
}

async function works(flow: Flow, connectionId: string): Promise<void> {
  const token = await flow.token(connectionId);
  assert.equal(token.status, 200, JSON.stringify(token.body));
  assert.ok(await worksAtSalesforce(token));
}

async function storedSeals(flow: Flow, connectionId: string) {
  const connection = await flow.stack.ports.store.connections.read(connectionId);
  assert.ok(connection);
  return { connection, seals: sealsOf(connection) };
}

describe('the data keys of an org are rotated', () => {
  it('and older tokens open until their next refresh; then the older keys are needed no more', () =>
    keyed(async ({ flow, world, act }) => {
      const first = await flow.connect();
      const second = await flow.connect({ integration: 'second' }, otherUser);
      await refreshed(flow);
      const before = await world.records.of(org.id);
      assert.deepEqual(before.map(({ purpose }) => purpose).sort(), ['access', 'refresh']);

      const rotated = await act('rotate', { kmsKey: 'key' });
      assert.match(rotated.text, /^New data keys of org 00D\w+ are in use/);
      await works(flow, first.connectionId);
      await works(flow, second.connectionId);
      const early = await act('prune');
      assert.equal(early.good, false);
      assert.match(early.text, /access key \S+ stays: 2 tokens lie under it\.\nrefresh key \S+ stays: 2 tokens/);

      flow.clock.advance(warmMs);
      await refreshed(flow);
      await works(flow, first.connectionId);
      const inUse = (await world.records.of(org.id)).filter(({ retiredAt }) => retiredAt === undefined);
      for (const { connectionId } of [first, second]) {
        const { seals } = await storedSeals(flow, connectionId);
        assert.deepEqual(
          seals.map(({ sealed }) => world.sealer.keyIdOf(sealed)).sort(),
          inUse.map(({ id }) => id).sort(),
        );
      }
      assert.equal((await act('prune')).good, true);
      assert.deepEqual((await world.records.of(org.id)).map(({ id }) => id).sort(), inUse.map(({ id }) => id).sort());
      await refreshed(flow);
      await works(flow, first.connectionId);
      await works(flow, second.connectionId);
    }));

  it('without a dead or stalled connection, three times within one cycle', () =>
    keyed(async ({ flow, act }) => {
      const { connectionId } = await flow.connect();
      await refreshed(flow);
      for (let round = 0; round < 3; round += 1) {
        await act('rotate', { kmsKey: 'key' });
        await works(flow, connectionId);
      }
      await refreshed(flow);
      await works(flow, connectionId);
      assert.equal(flow.simulator.books.liveGrants().length, 1);
      assert.match((await act('show')).text, /followed/);
    }));

  it('while a warm process still seals under the older ones: those are not pruned for an hour', () =>
    keyed(async ({ flow, act }) => {
      const { connectionId } = await flow.connect();
      await refreshed(flow);
      await flow.stack.tick();
      await act('rotate', { kmsKey: 'key' });
      // Its cache is five minutes old at most: what it seals now lies under the key that was followed.
      await refreshed(flow);
      await works(flow, connectionId);
      flow.clock.advance(pruneAfterMs);
      assert.equal((await act('prune')).good, true);
      await works(flow, connectionId);
    }));

  it('but not those of an org that has none yet', () =>
    keyed(({ act }) => assert.rejects(act('rotate', { kmsKey: 'key', org: otherOrg.id }), CommandError)));
});

describe('an org is forgotten', () => {
  it('and its tokens open nowhere, in a warm process after five minutes at most', () =>
    keyed(async ({ flow, act }) => {
      const { connectionId } = await flow.connect();
      await refreshed(flow);
      await works(flow, connectionId);
      // What a thief of the table has, and a process that is warm.
      const { seals } = await storedSeals(flow, connectionId);
      const vault = createVault(flow.stack.ports);
      const open = () =>
        Promise.all(
          seals.map(({ sealed, grantId, purpose }) =>
            vault.open(sealed, undefined, org.id, { connectionId, grantId, purpose }),
          ),
        );
      assert.equal((await open()).length, 2);

      const said = await act('forget');
      assert.match(said.text, /Nothing was changed\.$/);
      await works(flow, connectionId);
      const done = await act('forget', { yes: true });
      assert.match(done.text, /1 connection holds no token any more, 2 data keys deleted/);
      assert.match(done.text, /1 grant could not be revoked by us and may live/);

      assert.equal((await open()).length, 2, 'still warm');
      flow.clock.advance(warmMs);
      await assert.rejects(open, (error: unknown) => {
        assert.ok(error instanceof SealError);
        assert.match(error.message, /There is no data key of org 00D\w+ for (access|refresh): the org was forgotten/);
        return true;
      });
      assert.match((await act('forget', { yes: true })).text, /^Nothing of org 00D\w+ can be opened\.$/);
    }));

  it('with the keys that lie in its items, and everything else says why', () =>
    keyed(async ({ flow, act }) => {
      const { connectionId } = await flow.connect();
      flow.clock.advance(minuteMs);
      await flow.connect({ reauthorize: true });
      const { seals } = await storedSeals(flow, connectionId);
      assert.ok(seals.length > 2 && seals.every(({ own }) => own), 'a grant and a revocation, under keys of their own');
      await act('forget', { yes: true });

      const { connection, seals: left } = await storedSeals(flow, connectionId);
      assert.deepEqual(left, []);
      assert.doesNotMatch(JSON.stringify(connection), /ownKeys/);
      assert.equal(connection.forgottenAt, flow.clock.now(), 'docs/runbooks/restore.md finds it by that');
      const token = await flow.token(connectionId);
      assert.deepEqual([token.status, token.body.code], [410, 'disconnected']);
      assert.match(token.body.detail, /when the data keys of its org were deleted\. Begin a connect session/);
      const shown = (await flow.api('GET', `/connections/${connectionId}`)).body;
      assert.equal(shown.status, 'disconnected');
      for (let round = 0; round < 3; round += 1) await flow.stack.tick();
      assert.deepEqual(flow.stack.alerts(), []);
      assert.deepEqual(
        flow.stack.logLines().filter((line) => line.includes('"level":"ERROR"')),
        [],
      );
    }));

  it('not another org beside it, and it may be connected again', () =>
    keyed(async ({ flow, act, world }) => {
      const { connectionId } = await flow.connect();
      const other = otherOrg.users[0]?.username ?? '';
      const beside = await flow.connect({ tenant: 'beta', integration: 'beside' }, other);
      await refreshed(flow);
      await act('forget', { yes: true });
      await works(flow, beside.connectionId);
      assert.equal((await world.records.of(otherOrg.id)).length, 2);

      flow.clock.advance(warmMs);
      const again = await flow.connect();
      assert.equal(again.connectionId, connectionId);
      await refreshed(flow);
      await works(flow, connectionId);
      await works(flow, beside.connectionId);
      assert.equal((await world.records.of(org.id)).length, 2, 'under new keys');
    }));

  it('and who connects again at once loses nothing, though warm processes still know the deleted keys', () =>
    keyed(async ({ flow, act, world }) => {
      flow.simulator.switches.rotation = true;
      const { connectionId } = await flow.connect();
      await refreshed(flow);
      await works(flow, connectionId);
      const deleted = (await world.records.of(org.id)).map(({ id }) => id);
      await act('forget', { yes: true });
      flow.clock.advance(minuteMs);
      await flow.connect();
      // Twice, for the second refresh replaces what lies under a key of the org, the first what lies under the callback's own.
      for (let round = 0; round < 2; round += 1) {
        const rejected = sha256Hex((await flow.token(connectionId)).body.access_token);
        const asked = await flow.api('POST', `/connections/${connectionId}/token`, { rejected_token_sha256: rejected });
        assert.equal(asked.status, 200, JSON.stringify(asked.body));
      }
      flow.clock.advance(warmMs);
      await works(flow, connectionId);
      await refreshed(flow);
      await works(flow, connectionId);
      assert.ok((await world.records.of(org.id)).every(({ id }) => !deleted.includes(id)));
    }));

  it('also while a refresh is under way: the command says to come again, and then nothing opens', () =>
    keyed(async ({ flow, act }) => {
      const { connectionId } = await flow.connect();
      await refreshed(flow);
      flow.simulator.switches.rotation = true;
      flow.clock.advance(3 * hourMs);
      flow.simulator.switches.slowAfterMs = 30_000;
      const reading = flow.token(connectionId);
      await flow.clock.someoneWaits(30_000);
      flow.simulator.switches.slowAfterMs = 0;
      const first = await act('forget', { yes: true });
      assert.equal(first.good, false);
      assert.match(first.text, /1 refresh was under way: run this again in two minutes\.$/);
      flow.clock.advance(30_000);
      await reading;
      assert.equal((await flow.token(connectionId)).status, 410);
      flow.clock.advance(2 * minuteMs);
      assert.equal((await act('forget', { yes: true })).good, true);
      const { seals } = await storedSeals(flow, connectionId);
      assert.deepEqual(seals, []);
    }));
});
