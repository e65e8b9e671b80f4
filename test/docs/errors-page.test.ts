import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { errorsPage } from '../../dev/docs/errors-page.ts';
import { type Ask, errorTable, errorWords } from '../../functions/core/error-table.ts';

it('docs/errors.md is what the error table says (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  assert.equal(page, errorsPage());
});

it('every error has what is to be done, in answer to each request', () => {
  const lines = errorsPage().split('\n');
  const asks: [Ask, string][] = [
    ['code', 'a code'],
    ['refresh', 'a refresh token'],
    ['jwt_bearer', 'an assertion'],
    ['client_credentials', 'the client'],
  ];
  for (const { error, description } of errorTable) {
    const own = lines.filter((line) => line.startsWith(`| \`${error}\` | ${description ?? '(any other)'} |`));
    for (const [ask, name] of asks) {
      const { remedy } = errorWords(error, description ?? '', ask);
      const told = own.filter(
        (line) => (line.includes('| any |') || cell(line, 3).includes(name)) && line.includes(remedy),
      );
      assert.equal(told.length, 1, `${error}: ${description} in answer to ${name}`);
    }
  }
});

function cell(line: string, n: number): string {
  return line.split(' | ')[n - 1] ?? '';
}
