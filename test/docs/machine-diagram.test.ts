import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { machineDiagram, withDiagram } from '../../dev/docs/machine-diagram.ts';
import { transitions } from '../../functions/core/refresh-machine.ts';

it('docs/architecture.md shows the refresh machine as its table has it (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  assert.equal(page, withDiagram(page));
  for (const pairs of Object.values(transitions)) {
    for (const [from, to] of pairs) assert.match(machineDiagram(), new RegExp(`${from} --> ${to}: `));
  }
});
