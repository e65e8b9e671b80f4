import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authorizedAtOf, issuedAtOf, judgeTokenAnswer } from '../../../functions/core/judge-token-answer.ts';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';

function raw(status: number, body: string, contentType = 'application/json'): RawAnswer {
  return { kind: 'answer', status, contentType, body: new Secret(body) };
}
const judged = (status: number, body: unknown) =>
  judgeTokenAnswer(raw(status, typeof body === 'string' ? body : JSON.stringify(body)), 'refresh');

test('a success gives its tokens and what belongs to them', () => {
  const answer = judged(200, {
    access_token: 'a',
    refresh_token: 'r',
    instance_url: 'https://x',
    id: 'https://y',
    issued_at: '1763726400000',
    signature: 's',
    scope: 'api id',
    token_type: 'Bearer',
  });
  assert.equal(answer.kind, 'tokens');
  assert.ok(answer.kind === 'tokens');
  const { accessToken, refreshToken, ...rest } = answer.tokens;
  assert.equal(accessToken.reveal(), 'a');
  assert.equal(refreshToken?.reveal(), 'r');
  assert.deepEqual(rest, {
    instanceUrl: 'https://x',
    id: 'https://y',
    issuedAt: '1763726400000',
    signature: 's',
    scope: 'api id',
  });
});

test('an access token is enough: fields of a wrong type are left out, not held against it', () => {
  const answer = judged(200, { access_token: 'a', refresh_token: 7, id: {}, issued_at: 1763726400000, scope: ['api'] });
  assert.ok(answer.kind === 'tokens');
  assert.equal(answer.tokens.refreshToken, undefined);
  assert.equal(answer.tokens.id, undefined);
  assert.equal(answer.tokens.issuedAt, undefined);
  assert.equal(answer.tokens.scope, undefined);
});

test('an empty refresh token is none', () => {
  const answer = judged(200, { access_token: 'a', refresh_token: '' });
  assert.ok(answer.kind === 'tokens');
  assert.equal('refreshToken' in answer.tokens, false);
});

const unsettled: [string, RawAnswer, RegExp][] = [
  ['a timeout', { kind: 'no_answer', reason: 'timeout' }, /^timeout$/],
  ['a reset', { kind: 'no_answer', reason: 'connection' }, /^connection$/],
  ['a flood', { kind: 'no_answer', reason: 'too_large' }, /^too_large$/],
  ['a page of maintenance', raw(503, '<html>down</html>', 'text/html'), /503/],
  [
    'a 500 with the JSON of an error',
    raw(500, '{"error":"invalid_grant","error_description":"expired access/refresh token"}'),
    /500/,
  ],
  ['a 502 with tokens', raw(502, '{"access_token":"a"}'), /502/],
  ['a page with status 200', raw(200, '<html>login</html>', 'text/html'), /200 without JSON/],
  ['a page with status 400', raw(400, '<html>', 'text/html'), /400 without JSON/],
  ['an empty body', raw(400, ''), /400 without JSON/],
  ['a truncated success', raw(200, '{"access_token":"a","refresh_to'), /200 without JSON/],
  ['a truncated error', raw(400, '{"error":"invalid_grant","error_descr'), /400 without JSON/],
  ['a list', raw(400, '[{"error":"invalid_grant"}]'), /without an OAuth error/],
  ['a number', raw(400, '7'), /without an OAuth error/],
  ['null', raw(400, 'null'), /without an OAuth error/],
  ['an error that is no text', raw(400, '{"error":{"code":"invalid_grant"}}'), /without an OAuth error/],
  ['an empty error', raw(400, '{"error":""}'), /without an OAuth error/],
  ['a success without a token', raw(200, '{"refresh_token":"r"}'), /without an access token/],
  ['a success with an empty token', raw(200, '{"access_token":""}'), /without an access token/],
  ['an error with status 200', raw(200, '{"error":"invalid_grant"}'), /without an access token/],
  ['a list with status 200', raw(200, '["a"]'), /without an access token/],
  ['a redirect', raw(302, '{"error":"invalid_grant","error_description":"expired access/refresh token"}'), /302/],
  ['a rate limit in HTML', raw(429, '<html>slow down</html>', 'text/html'), /429/],
  ['a rate limit in other JSON', raw(429, '{"message":"slow down"}'), /429/],
];

for (const [what, answer, reason] of unsettled) {
  test(`${what} settles nothing`, () => {
    const judgement = judgeTokenAnswer(answer, 'refresh');
    assert.equal(judgement.kind, 'no_answer');
    assert.match(judgement.kind === 'no_answer' ? judgement.reason : '', reason);
  });
}

test('a refusal is classed by its error and description', () => {
  assert.deepEqual(judged(400, { error: 'invalid_grant', error_description: 'expired access/refresh token' }), {
    kind: 'refused',
    class: 'dead',
    error: 'invalid_grant',
    description: 'expired access/refresh token',
  });
  assert.deepEqual(judged(401, { error: 'brand_new_error' }), {
    kind: 'refused',
    class: 'unknown',
    error: 'brand_new_error',
    description: '',
  });
  const rate = judged(429, { error: 'rate_limit_exceeded', error_description: 'login rate exceeded' });
  assert.equal(rate.kind === 'refused' && rate.class, 'transient');
});

test('the same description means another thing on a code', () => {
  const body = raw(400, '{"error":"invalid_grant","error_description":"expired authorization code"}');
  const onCode = judgeTokenAnswer(body, 'code');
  const onRefresh = judgeTokenAnswer(body, 'refresh');
  assert.equal(onCode.kind === 'refused' && onCode.class, 'dead');
  assert.equal(onRefresh.kind === 'refused' && onRefresh.class, 'busy');
});

test('errors are kept short and printable', () => {
  const answer = judged(400, { error: 'e'.repeat(500), error_description: `a\n\u0007\u202eb${'x'.repeat(500)}` });
  assert.ok(answer.kind === 'refused');
  assert.equal(answer.error.length, 200);
  assert.equal(answer.description.length, 200);
  assert.match(answer.description, /^a {3}b[x]+$/);
});

test('no body makes the judgement throw, and no judgement but a dead one costs a token', () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .object({ key: fc.constantFrom('error', 'error_description', 'access_token', 'refresh_token', 'id') })
      .map((value) => JSON.stringify(value)),
    fc.string().map((error) => JSON.stringify({ error: 'invalid_grant', error_description: error })),
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), bodies, (status, body) => {
      const judgement = judgeTokenAnswer(raw(status, body), 'refresh');
      if (judgement.kind === 'tokens') assert.equal(status, 200);
      if (judgement.kind === 'refused') {
        assert.ok(status >= 400 && status < 500);
        assert.notEqual(judgement.class, 'dead', body);
      }
    }),
    { numRuns: 500 },
  );
});

test('authorizations are ordered by the issued_at of Salesforce, by our clock only where it is missing', () => {
  const at = (issuedAt: string | undefined) => authorizedAtOf({ accessToken: new Secret('a'), issuedAt }, 5);
  assert.equal(at('1763726400000'), 1_763_726_400_000);
  for (const text of [
    undefined,
    '',
    'x',
    '1763726400',
    '-1763726400000',
    '1763726400000.5',
    '1e13',
    '176372640000000',
  ]) {
    assert.equal(at(text), 5, String(text));
  }
});

test('a session never began in our future', () => {
  const at = (issuedAt: string, now: number) => issuedAtOf({ accessToken: new Secret('a'), issuedAt }, now);
  assert.equal(at('1763726400000', 1_763_726_400_500), 1_763_726_400_000);
  assert.equal(at('1763726400000', 1_763_726_399_000), 1_763_726_399_000);
});
