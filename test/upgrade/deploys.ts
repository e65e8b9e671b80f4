/** Runs a scene on from a fixture, under some deploy, and looks at what was logged. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Fixture, keyOf, rawItems } from '../../dev/upgrade/fixture.ts';
import { currentRelease, previousCommit, type Release } from '../../dev/upgrade/release.ts';
import { claiming, type Scene } from '../../dev/upgrade/scene.ts';
import { type SceneName, scenes } from '../../dev/upgrade/scenes.ts';
import { startUpgradeWorld, type UpgradeWorld } from '../../dev/upgrade/upgrade-world.ts';
import { minutes } from './rest.ts';

const allScenes: Readonly<Record<SceneName, Scene>> = scenes;
const names = Object.keys(scenes) as SceneName[];
/** Those that the release before knows too. */
export const sceneNames: readonly SceneName[] = names.filter((name) => allScenes[name].unknownTo !== previousCommit);
/** Those that it does not: what it leaves alone is not to be seen here, and it leaves nothing of it. */
export const newSceneNames: readonly SceneName[] = names.filter((name) => !sceneNames.includes(name));

export function previousFixture(name: SceneName): Fixture {
  const file = new URL(`./fixtures/${previousCommit}/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Some were put off, by an hour at most. */
const roundsAtMost = 60;

/** Ends with this release deployed, and nothing owed. */
export async function inWorld(
  release: Release,
  fixture: Fixture,
  run: (world: UpgradeWorld) => Promise<void>,
): Promise<void> {
  const scene: Scene = scenes[fixture.scene as SceneName];
  const change = scene.claiming === true ? claiming : undefined;
  const world = await startUpgradeWorld({ release, fixture, change });
  try {
    await run(world);
    world.deploy(await currentRelease());
    for (let round = 0; round < roundsAtMost && (await owed(world)).length > 0; round += 1) await minutes(world, 1);
    assert.deepEqual(await owed(world), [], 'what was owed was done once the deploy was complete');
    assert.deepEqual(complaints(world), []);
  } finally {
    await world.close();
  }
}

/** Duties in the whole table. An org that failed is watched for a while: that is no debt. */
async function owed({ engines }: UpgradeWorld): Promise<string[]> {
  return (await rawItems(engines)).flatMap((item) => {
    const duties = Object.keys((item.duties?.M as object | undefined) ?? {});
    return item.pk?.S?.toString().startsWith('W#') ? [] : duties.map((id) => `${keyOf(item)} ${id}`);
  });
}

/** What two releases say of each other, and what becomes of it. */
const expected = [
  // The release before knows no watches: it leaves their rows alone.
  /a row of an index cannot be read and was passed over.*"pk":"W#/,
  // Its `refresh` revokes no access tokens: the duty stays until it does.
  /UnreadableItemError.*The message is no refresh request of version 1/,
];

function complaints({ flow }: UpgradeWorld): string[] {
  return flow.stack
    .logLines()
    .filter((line) => /"level":"ERROR"|cannot be read|passed over|is damaged|Unreadable|AccessDenied/.test(line))
    .filter((line) => !expected.some((known) => known.test(line)));
}
