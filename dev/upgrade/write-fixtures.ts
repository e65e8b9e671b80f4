/**
 * Writes the fixtures of a release: `node dev/upgrade/write-fixtures.ts [<commit>]`. With a commit, of its frozen bundle;
 * without, of this tree, whose commit is named (it should be clean). Into `test/upgrade/fixtures/<commit>/`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Fixture, named, takeStored } from './fixture.ts';
import { currentRelease, frozenRelease, type Release } from './release.ts';
import { claiming, type Scene } from './scene.ts';
import { scenes } from './scenes.ts';
import { startUpgradeWorld } from './upgrade-world.ts';

const root = resolve(import.meta.dirname, '../..');

/** What one release leaves behind in one scene. */
export async function fixtureOf(release: Release, commit: string, name: string, scene: Scene): Promise<Fixture> {
  const world = await startUpgradeWorld({ release, change: scene.claiming === true ? claiming : undefined });
  const { flow } = world;
  try {
    const names = await scene.act(world);
    world.onWrite(undefined);
    const stored = await takeStored(world.engines);
    const fixture: Fixture = {
      release: commit,
      scene: name,
      at: new Date(flow.clock.now()).toISOString(),
      names,
      ...stored,
      // The engine's own id of a table: another table's would make every fixture a restored copy.
      table: stored.table.filter(({ pk }) => pk?.S !== 'T#identity'),
      invocations: world.invocations,
      alerts: flow.stack.alerts(),
      salesforce: flow.simulator.snapshot(),
    };
    return named(fixture, { salesforce: flow.stack.simulatorUrl, grantkeeper: flow.stack.url });
  } finally {
    flow.clock.advance(60 * 60_000);
    await world.close();
  }
}

if (import.meta.main) {
  const [given] = process.argv.slice(2);
  const commit = given ?? execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).slice(0, 7);
  const release = given === undefined ? await currentRelease() : await frozenRelease(given);
  const folder = join(root, 'test/upgrade/fixtures', commit);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, scene] of Object.entries<Scene>(scenes)) {
    const fixture = await fixtureOf(release, commit, name, scene);
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(fixture, null, 1)}\n`);
    console.log(`${name}: ${fixture.table.length} items`);
  }
}
