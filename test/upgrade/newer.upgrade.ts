import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { localClientConfig } from '../../dev/local/aws-clients.ts';
import { localTableName } from '../../dev/local/local-table.ts';
import { type Fixture, keyOf, named, rawItems } from '../../dev/upgrade/fixture.ts';
import { currentRelease } from '../../dev/upgrade/release.ts';
import { claiming, type Scene } from '../../dev/upgrade/scene.ts';
import { refreshOf } from '../../dev/upgrade/scene-acts.ts';
import { scenes } from '../../dev/upgrade/scenes.ts';
import { startUpgradeWorld, type UpgradeWorld } from '../../dev/upgrade/upgrade-world.ts';
import { fixtureOf } from '../../dev/upgrade/write-fixtures.ts';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { newSceneNames, previousFixture, sceneNames } from './deploys.ts';
import { later, lives, minutes } from './rest.ts';

const current = await currentRelease();
const hourMs = 3_600_000;
const slowMs = 30_000;
const newer = 3;

/** All of it by a release two versions on, as after a roll-back too far. */
function ofNewer(fixture: Fixture): Fixture {
  const text = (one: string) => JSON.stringify({ ...JSON.parse(one), version: newer });
  return {
    ...fixture,
    table: fixture.table.map((item) => ({ ...item, version: { N: String(newer) }, novelty: { S: 'of it' } })),
    lifeboat: fixture.lifeboat.map((entry) => ({ ...entry, text: text(entry.text) })),
    refreshQueue: fixture.refreshQueue.map(text),
    configurationQueue: fixture.configurationQueue.map(text),
  };
}

/** Of what nobody reads by its version: counts of a minute, and names that are written over by whoever has them. */
const unread = /^R#/;

describe('what a release two versions on left is neither lost, nor changed, nor acted on', () => {
  for (const name of [...sceneNames, ...newSceneNames]) {
    it(scenes[name].leaves, async () => {
      const scene: Scene = scenes[name];
      const change = scene.claiming === true ? claiming : undefined;
      const fixture = ofNewer(await fixtureOf(current, 'current', name, scene));
      const world = await startUpgradeWorld({ release: current, fixture, change });
      try {
        const { flow, engines } = world;
        const requests = flow.simulator.books.requests({}).length;
        for (let round = 0; round < 3; round += 1) {
          await minutes(world, 2);
          flow.clock.advance(hourMs);
        }
        const table = new Map((await rawItems(engines)).map((item) => [keyOf(item), item]));
        const origins = { salesforce: flow.stack.simulatorUrl, grantkeeper: flow.stack.url };
        for (const before of fixture.table.filter((item) => !unread.test(keyOf(item)))) {
          assert.deepEqual(named(table.get(keyOf(before)), origins), before, keyOf(before));
        }
        assert.equal(flow.simulator.books.requests({}).length, requests, 'Salesforce was asked nothing');
        assert.ok(
          complaints(world).every((line) => line.includes(`version ${newer}`) || line.includes('of version 1')),
        );
        // No hot loop: each that is due is met once a minute and said so.
        const met = fixture.table.length + fixture.refreshQueue.length + fixture.configurationQueue.length;
        assert.ok(
          complaints(world).length <= 6 * (2 * met + fixture.lifeboat.length + 4),
          `${complaints(world).length}`,
        );
      } finally {
        await world.close();
      }
    });
  }
});

describe('a token that Salesforce issues meanwhile', () => {
  it('of a user whose connection a newer release wrote waits in the lifeboat, is told of, and is stored when it can be', async () => {
    const fixture = previousFixture('fresh');
    const world = await startUpgradeWorld({ release: current, fixture });
    try {
      const { flow } = world;
      const connection = fixture.names.connection ?? '';
      await minutes(world, 1);
      await setVersion(world, connection, newer);
      const again = await flow.connect({ integration: 'second' });
      assert.equal(again.session.status, 'exchanging');
      await minutes(world, 3);
      assert.equal((await flow.stack.ports.lifeboat.list(10)).items.length, 1);
      const told = flow.stack.alerts();
      assert.deepEqual(
        told.map(({ type }) => type),
        ['tokens_in_lifeboat'],
      );
      await setVersion(world, connection, 1);
      await minutes(world, 3);
      assert.equal((await flow.api('GET', `/connect-sessions/${again.sessionId}`)).body.status, 'connected');
      await later(world, 20);
      await lives(world, connection);
    } finally {
      await world.close();
    }
  });

  it('in a refresh with rotation, while a newer release writes the connection, waits there too', async () => {
    const fixture = previousFixture('fresh');
    const world = await startUpgradeWorld({ release: current, fixture });
    try {
      const { flow } = world;
      const connection = fixture.names.connection ?? '';
      await minutes(world, 1);
      flow.simulator.switches.rotation = true;
      flow.clock.advance(3 * hourMs);
      flow.simulator.switches.slowAfterMs = slowMs;
      const refreshing = refreshOf(world, connection);
      await flow.clock.someoneWaits(slowMs);
      flow.simulator.switches.slowAfterMs = 0;
      await setVersion(world, connection, newer, 1);
      flow.clock.advance(slowMs);
      assert.equal(((await refreshing) as { outcome: string }).outcome, 'in_lifeboat');
      await minutes(world, 2);
      await setVersion(world, connection, 1);
      await minutes(world, 3);
      await lives(world, connection);
      assert.deepEqual((await flow.stack.ports.lifeboat.list(10)).items, []);
    } finally {
      await world.close();
    }
  });

  it('and that a newer release put into the lifeboat stays there, and is told of', async () => {
    const fixture = ofNewer(await fixtureOf(current, 'current', 'in-lifeboat', scenes['in-lifeboat']));
    const world = await startUpgradeWorld({ release: current, fixture });
    try {
      await minutes(world, 3);
      const [told, ...more] = world.flow.stack.alerts();
      assert.deepEqual([told?.type, more], ['tokens_in_lifeboat', []]);
      assert.match(told?.evidence.join(' ') ?? '', /1 answers lay .* 1 of them cannot be read by this release/);
      assert.deepEqual(told?.counts, { found: 1, left: 1 });
      assert.equal((await world.flow.stack.ports.lifeboat.list(10)).unreadable, 1);
    } finally {
      await world.close();
    }
  });
});

/** @param writes that came with it */
async function setVersion({ engines }: UpgradeWorld, connectionId: string, version: number, writes = 0): Promise<void> {
  const client = createDynamoClient(localClientConfig(engines.dynamodb));
  await client.send(
    new UpdateItemCommand({
      TableName: localTableName,
      Key: { pk: { S: `C#${connectionId}` }, sk: { S: 'C' } },
      UpdateExpression: 'SET #version = :version ADD revision :writes',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': { N: String(version) }, ':writes': { N: String(writes) } },
    }),
  );
  client.destroy();
}

function complaints({ flow }: UpgradeWorld): string[] {
  return flow.stack.logLines().filter((line) => line.includes('UnreadableItemError'));
}
