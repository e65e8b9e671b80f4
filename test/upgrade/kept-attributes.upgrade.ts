import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Fixture, keyOf, type RawItem, rawItems } from '../../dev/upgrade/fixture.ts';
import { currentRelease, frozenRelease, previousCommit } from '../../dev/upgrade/release.ts';
import { inWorld, previousFixture, sceneNames } from './deploys.ts';
import { goOn } from './go-on.ts';

const current = await currentRelease();
const previous = await frozenRelease();
const foreign = { S: 'of another release' };

/** Each item, and the grant in it, has an attribute that neither release knows. */
function withForeign(fixture: Fixture): Fixture {
  return { ...fixture, table: fixture.table.map((item) => ({ ...inGrant(item), ofAnotherRelease: foreign })) };
}

function inGrant(item: RawItem): RawItem {
  const { grant } = item;
  if (grant === undefined) return item;
  return { ...item, grant: { M: { ...(grant.M as object), ofAnotherRelease: foreign } } };
}

describe('an attribute of another release', () => {
  for (const [release, which] of [
    [current, 'this release'],
    [previous, previousCommit],
  ] as const) {
    for (const name of ['in-use', 'claim-died', 'circuit', 'superseded'] as const) {
      it(`stays in every item while ${which} goes on from ${name}, in its grant through refreshes`, () => {
        const fixture = withForeign(previousFixture(name));
        return inWorld(release, fixture, async (world) => {
          await goOn[name](world, fixture.names);
          const items = new Map((await rawItems(world.engines)).map((item) => [keyOf(item), item]));
          for (const before of fixture.table) {
            const after = items.get(keyOf(before));
            // A username is written over by whoever has it now; a data key and a use are put once; a use may be removed.
            if (after === undefined || keyOf(before).startsWith('U#')) continue;
            assert.deepEqual(after.ofAnotherRelease, foreign, keyOf(before));
            const grant = after.grant?.M as Record<string, unknown> | undefined;
            if (grant !== undefined && before.grant !== undefined) {
              assert.deepEqual(grant.ofAnotherRelease, foreign, `${keyOf(before)}, grant`);
            }
          }
        });
      });
    }
  }

  it('would be missed', () => {
    assert.ok(sceneNames.every((name) => previousFixture(name).table.every((item) => !('ofAnotherRelease' in item))));
  });
});
