import { describe, it } from 'node:test';
import { currentRelease, previousCommit } from '../../dev/upgrade/release.ts';
import { scenes } from '../../dev/upgrade/scenes.ts';
import { fixtureOf } from '../../dev/upgrade/write-fixtures.ts';
import { inWorld, newSceneNames, previousFixture, sceneNames } from './deploys.ts';
import { goOn } from './go-on.ts';

const current = await currentRelease();

describe(`this release goes on with what ${previousCommit} left`, () => {
  for (const name of sceneNames) {
    it(scenes[name].leaves, () => {
      const fixture = previousFixture(name);
      return inWorld(current, fixture, (world) => goOn[name](world, fixture.names));
    });
  }
});

describe('this release goes on with what it left itself, and the one before does not know', () => {
  for (const name of newSceneNames) {
    it(scenes[name].leaves, async () => {
      const fixture = await fixtureOf(current, 'current', name, scenes[name]);
      await inWorld(current, fixture, (world) => goOn[name](world, fixture.names));
    });
  }
});
