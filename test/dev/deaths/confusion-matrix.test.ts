import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfusionMatrix } from '../../../dev/deaths/confusion-matrix.ts';

function matrixOf(...rows: [truth: string, cause: string, confidence: 'certain' | 'likely' | 'possible'][]) {
  const matrix = new ConfusionMatrix();
  for (const [truth, cause, confidence] of rows) matrix.add({ truth, cause, confidence });
  return matrix;
}

test('the share that was right is of what was said with that confidence', () => {
  const matrix = matrixOf(['a', 'a', 'likely'], ['a', 'a', 'likely'], ['b', 'a', 'likely'], ['b', 'a', 'possible']);
  assert.equal(matrix.rightOf('likely'), 2 / 3);
  assert.equal(matrix.rightOf('possible'), 0);
  assert.equal(matrix.rightOf('certain'), 1);
});

test('a death is recognised by its own cause, and not by what is possible', () => {
  const matrix = matrixOf(['a', 'a', 'certain'], ['a', 'a', 'likely'], ['a', 'a', 'possible'], ['a', 'b', 'likely']);
  assert.equal(matrix.recognised('a'), 0.5);
  assert.equal(matrix.recognised('b'), 0);
});

test('a diagnosis that says possible of everything is right, and recognises nothing', () => {
  const matrix = matrixOf(['a', 'a', 'possible'], ['b', 'b', 'possible']);
  assert.deepEqual([matrix.rightOf('likely'), matrix.recognised('a')], [1, 0]);
});

test('it is printed with a row for each truth', () => {
  const lines = matrixOf(['a', 'a', 'certain'], ['a', 'b', 'possible']).print().split('\n');
  assert.match(lines[0] ?? '', /^true cause .* a +b +deaths +recognised/);
  assert.match(lines[1] ?? '', /^a +1\/0\/0 +0\/0\/1 +2 +50 %/);
  assert.match(lines[2] ?? '', /^b +· +· +0 +0 %/);
});
