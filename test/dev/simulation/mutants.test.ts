import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Edit } from '../../../dev/simulation/mutants/mutant.ts';
import { mutants } from '../../../dev/simulation/mutants/mutants.ts';
import { misfitOf } from '../../../dev/simulation/mutants/mutated-copy.ts';

const root = join(import.meta.dirname, '../../..');
const read = ({ file }: Edit) => readFileSync(join(root, file), 'utf8');

describe('the wrong edits that the simulation must catch', () => {
  it('fit the code as it is', () => {
    const edits = mutants.flatMap((mutant) => mutant.edits);
    assert.ok(edits.length >= mutants.length && mutants.length > 50);
    // Edits of one mutant and one file could unsettle each other; each is looked at alone, which is enough to see rot.
    assert.deepEqual(
      edits.flatMap((edit) => misfitOf(edit, read(edit)) ?? []),
      [],
    );
  });

  it('do not fit where their text is gone, or stands twice', () => {
    const edit: Edit = { file: 'any.ts', find: 'return now;', replace: '' };
    assert.equal(misfitOf(edit, 'return now;'), undefined);
    assert.match(misfitOf(edit, '') ?? '', /any\.ts fits 0 times/);
    assert.match(misfitOf(edit, 'return now; return now;') ?? '', /fits 2 times/);
  });

  it('have a name each', () => {
    assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length);
  });
});
