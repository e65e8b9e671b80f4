import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { knownAuthorizationErrors } from '../../../functions/core/authorization-error.ts';
import { errorTable } from '../../../functions/core/error-table.ts';
import { withoutSecrets } from '../../../functions/core/secret-shapes.ts';

const secrets = [
  '00D5e000001abcd!AQ.abc_def',
  '5Aep861abcdefghijklmnop',
  'aPrxabcdefgh1234==',
  'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln',
  'Bearer abc.def',
  'refresh_token=abc',
];

describe('a text of a stranger', () => {
  for (const secret of secrets) {
    it(`is rid of ${secret.slice(0, 6)}…, and of nothing else`, () => {
      const clean = withoutSecrets(`before ${secret} after`);
      assert.ok(!clean.includes(secret.slice(-6)), clean);
      assert.match(clean, /^before .*\[redacted\].* after$/);
    });
  }

  it('keeps every error that is known, word for word', () => {
    const known = errorTable.flatMap(({ error, description }) => [error, description ?? '']);
    for (const text of [...known, ...knownAuthorizationErrors]) assert.equal(withoutSecrets(text), text);
  });
});
