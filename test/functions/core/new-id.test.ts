import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, newSalt, newSecretText } from '../../../functions/core/new-id.ts';
import type { Random } from '../../../functions/core/ports.ts';

const random = { bytes: (count: number) => new Uint8Array(count).fill(255) } as Random;

test('an id holds 128 random bits, a salt 192 and a secret 256, in letters that fit a path', () => {
  assert.equal(newId(random), `${'_'.repeat(21)}w`);
  assert.equal(newSalt(random), '_'.repeat(32));
  assert.equal(newSecretText(random), `${'_'.repeat(42)}8`);
});
