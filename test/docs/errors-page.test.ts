import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { errorsPage } from '../../dev/docs/errors-page.ts';
import { errorTable } from '../../functions/core/error-table.ts';

it('docs/errors.md is what the error table says (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  assert.equal(page, errorsPage());
  for (const { error, remedy } of errorTable) assert.ok(page.includes(error) && page.includes(remedy), error);
});
