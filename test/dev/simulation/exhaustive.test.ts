/** The exhaustive walk: small scenarios are walked to their end, and a walk that should find something does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decisions, SeenBefore } from '../../../dev/simulation/decisions.ts';
import { walk } from '../../../dev/simulation/exhaustive.ts';
import { scenarioOf } from '../../../dev/simulation/scenarios.ts';

test('every interleaving of a refresh and a drain is walked, and breaks nothing', async () => {
  const result = await walk(scenarioOf(['refresh', 'drain'], 1), false, 2_000);
  assert.deepEqual(result.broken, [], result.trace.join('\n'));
  assert.ok(result.complete);
  assert.ok(result.interleavings > 50);
});

test('two drains and no fault: all is walked, with rotation too', async () => {
  const result = await walk(scenarioOf(['drain', 'drain'], 0), true, 2_000);
  assert.deepEqual(result.broken, [], result.trace.join('\n'));
  assert.ok(result.complete);
});

test('a refresh that read its token before two others were made sends it no more', async () => {
  const result = await walk(scenarioOf(['refresh', 'two rejections'], 0), true, 2_000);
  assert.deepEqual(result.broken, [], result.trace.join('\n'));
  assert.ok(result.complete);
});

test('decisions walk a tree to its end, each path once', () => {
  const paths: string[] = [];
  let prefix: number[] | undefined = [];
  while (prefix !== undefined) {
    const decisions: Decisions = new Decisions(prefix, new Set());
    const first = decisions.choose(2);
    const second = first === 0 ? decisions.choose(3) : decisions.choose(1);
    paths.push(`${first}${second}`);
    prefix = decisions.next();
  }
  assert.deepEqual(paths, ['00', '01', '02', '10']);
});

test('a state that was seen before ends the run, but not on the way to what is new', () => {
  const seen = new Set(['here']);
  assert.throws(() => new Decisions([], seen).stand(() => 'here'), SeenBefore);
  new Decisions([1], seen).stand(() => 'here');
});
