import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FunctionName } from '../../functions/core/routes.ts';
import { templateWith } from './synthesized.ts';
import { functionOf, mentions } from './template-reading.ts';

const template = templateWith();

/**
 * CloudFormation replaces what is named before who names it: so whoever is asked knows a new kind of question before
 * anybody puts it (docs/decisions/0018-upgrades.md).
 */
describe('a deploy', () => {
  for (const [asker, asked] of [
    ['token', 'refresh'],
    ['maintain', 'refresh'],
    ['connect', 'maintain'],
    ['callback', 'maintain'],
    ['configure', 'token'],
  ] as const satisfies readonly (readonly [FunctionName, FunctionName])[]) {
    it(`replaces ${asked} before ${asker}, which asks it`, () => {
      const [askedId] = functionOf(template, asked);
      const [, { Properties }] = functionOf(template, asker);
      assert.ok(mentions(Properties.Environment, askedId), JSON.stringify(Properties.Environment));
      const [askerId] = functionOf(template, asker);
      const [, { Properties: others }] = functionOf(template, asked);
      assert.ok(!mentions(others.Environment, askerId), 'and not the other way round');
    });
  }
});
