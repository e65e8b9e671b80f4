import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentRelease, frozenRelease, previousCommit } from '../../dev/upgrade/release.ts';
import { refreshOf } from '../../dev/upgrade/scene-acts.ts';
import { scenes } from '../../dev/upgrade/scenes.ts';
import { fixtureOf } from '../../dev/upgrade/write-fixtures.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { inWorld, previousFixture, sceneNames } from './deploys.ts';
import { goOn } from './go-on.ts';
import { lives, minutes } from './rest.ts';

const current = await currentRelease();
const previous = await frozenRelease();

/** Functions that are ahead, while the others are still to be replaced: each scene is gone on with by both kinds. */
const ahead: readonly FunctionName[] = ['refresh', 'callback', 'configure', 'connections'];
const behind: readonly FunctionName[] = ['maintain', 'token', 'connect', 'schedule-refreshes', 'jwt-bearer'];

describe(`with ${ahead.join(', ')} of this release, and the rest of ${previousCommit}`, () => {
  for (const scene of sceneNames) {
    it(`goes on from ${scene}, as the previous release left it`, () => {
      const fixture = previousFixture(scene);
      return inWorld(previous, fixture, (world) => {
        world.deploy(current, ...ahead);
        return goOn[scene](world, fixture.names);
      });
    });
  }
});

describe(`with ${behind.join(', ')} of this release, and the rest of ${previousCommit}`, () => {
  for (const scene of sceneNames) {
    it(`goes on from ${scene}, as this release left it`, async () => {
      const fixture = await fixtureOf(current, 'current', scene, scenes[scene]);
      await inWorld(previous, fixture, (world) => {
        world.deploy(current, ...behind);
        return goOn[scene](world, fixture.names);
      });
    });
  }
});

const hourMs = 3_600_000;
const slowMs = 30_000;

/** Instances of both releases are warm at once: whoever is asked next is of the other. */
describe('instances of one function of both releases', () => {
  for (const [first, second, which] of [
    [previous, current, 'the one before first'],
    [current, previous, 'this one first'],
  ] as const) {
    it(`send one refresh request for a connection, ${which}`, () =>
      inWorld(first, previousFixture('in-use'), async (world) => {
        const { flow } = world;
        const connection = previousFixture('in-use').names.connection ?? '';
        flow.simulator.switches.rotation = true;
        flow.clock.advance(3 * hourMs);
        const before = flow.tokenRequests('refresh_token');
        const asked = Array.from({ length: 20 }, (_, index) => {
          world.deploy(index % 2 === 0 ? first : second, 'refresh', 'token');
          return index % 4 < 2 ? refreshOf(world, connection) : flow.token(connection);
        });
        await Promise.all(asked);
        assert.equal(flow.tokenRequests('refresh_token'), before + 1);
        await lives(world, connection, 2);
      }));

    it(`keep the newer grant where one is authorized while the other refreshes, ${which}`, () =>
      inWorld(first, previousFixture('superseded'), async (world) => {
        const { flow } = world;
        const connection = previousFixture('superseded').names.connection ?? '';
        flow.simulator.switches.rotation = true;
        flow.clock.advance(3 * hourMs);
        flow.simulator.switches.slowAfterMs = slowMs;
        world.deploy(first, 'refresh');
        const refreshing = refreshOf(world, connection);
        await flow.clock.someoneWaits(slowMs);
        flow.simulator.switches.slowAfterMs = 0;
        world.deploy(second, 'callback', 'connect');
        await flow.connect({ reauthorize: true });
        flow.clock.advance(slowMs);
        await refreshing;
        world.deploy(second);
        await minutes(world, 20);
        await lives(world, connection);
      }));
  }

  it('settle each other’s attempt: a response that one lost is found out by the other', () =>
    inWorld(current, previousFixture('unanswered'), async (world) => {
      const connection = previousFixture('unanswered').names.connection ?? '';
      world.flow.clock.advance(80_000);
      world.flow.simulator.switches.resetAfterProcessing = true;
      await refreshOf(world, connection);
      world.flow.simulator.switches.resetAfterProcessing = false;
      world.deploy(previous, 'refresh');
      world.flow.clock.advance(80_000);
      await minutes(world, 3);
      await lives(world, connection);
    }));
});
