/** The confusion matrix of the diagnosis in small; `confusion.long.ts` is the whole. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manyDeaths } from '../../dev/deaths/many-deaths.ts';
import { describeDeaths } from './told-deaths.ts';

describeDeaths('forty deaths of each cause', 40);

describe('a world of deaths', () => {
  it('is the same again from the same seed, and another one from another', async () => {
    const [one, again, other] = [await manyDeaths(2, 5), await manyDeaths(2, 5), await manyDeaths(2, 6)];
    assert.deepEqual(again.matrix.judged, one.matrix.judged);
    assert.equal(again.matrix.print(), one.matrix.print());
    assert.notDeepEqual(other.matrix.judged, one.matrix.judged);
  });
});
