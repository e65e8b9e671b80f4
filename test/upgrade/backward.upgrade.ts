import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { currentRelease, frozenRelease, previousCommit } from '../../dev/upgrade/release.ts';
import { scenes } from '../../dev/upgrade/scenes.ts';
import { fixtureOf } from '../../dev/upgrade/write-fixtures.ts';
import { breaksBetween, pathsOf, type SchemaLines, schemasOf } from './attribute-paths.ts';
import { inWorld, previousFixture, sceneNames } from './deploys.ts';
import { goOn } from './go-on.ts';

const current = await currentRelease();
const previous = await frozenRelease();
/**
 * Attributes that the release before wrote and this one reads, and writes no more. An introduction that made its
 * connection leaves its count of logins there; one that made none still writes it.
 */
const noLonger: ReadonlySet<string> = new Set(['B/B.logins.since: N', 'B/B.logins.count: N']);
const written = new Set<string>();

describe(`${previousCommit} goes on with what this release leaves`, () => {
  for (const name of sceneNames) {
    it(scenes[name].leaves, async () => {
      const fixture = await fixtureOf(current, 'current', name, scenes[name]);
      for (const path of pathsOf(fixture)) written.add(path);
      await inWorld(previous, fixture, (world) => goOn[name](world, fixture.names));
    });
  }

  it('and finds every attribute by the name that it gave it: none was renamed', () => {
    const before = sceneNames.flatMap((name) => [...pathsOf(previousFixture(name))]);
    assert.ok(before.length > 1_000);
    const gone = [...new Set(before)].filter((path) => !written.has(path) && !noLonger.has(path));
    assert.deepEqual(gone, [], 'a release reads its own and the one before: see docs/decisions/0018-upgrades.md');
  });

  it('as a comparison of schemas notices', () => {
    const lines = (schema: z.ZodMiniType) =>
      new Map(schemasOf({ ...current, connectionSchema: schema })).get('connectionSchema') as SchemaLines;
    const inner = { id: z.string(), at: z.number() };
    const before = lines(z.looseObject({ version: z.literal(1), status: z.enum(['a']), inner: z.looseObject(inner) }));
    const changed = {
      version: z.literal([1, 2]),
      status: z.enum(['a', 'b']),
      inner: z.looseObject({ id: z.string(), atMs: z.number(), more: z.optional(z.string()) }),
      fresh: z.optional(z.looseObject({ any: z.string() })),
    };
    assert.deepEqual(breaksBetween(before, before), []);
    assert.deepEqual(breaksBetween(before, lines(z.looseObject(changed))), [
      '.inner.at: number is named no more',
      '.inner.atMs is required now',
      '.version: 2 is a value that the release before does not read',
      '.status: b is a value that the release before does not read',
    ]);
  });

  for (const [name, before] of schemasOf(previous)) {
    it(`and ${name} names what it named, requires no more, and has no value that it does not read`, () => {
      const after = new Map(schemasOf(current)).get(name);
      assert.ok(before.names.length > 1 && after !== undefined, `${before.names.length} attributes`);
      assert.deepEqual(breaksBetween(before, after), []);
    });
  }
});
