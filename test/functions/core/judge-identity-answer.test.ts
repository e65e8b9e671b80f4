import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeIdentityAnswer } from '../../../functions/core/judge-identity-answer.ts';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { orgId, userId } from '../../contract/items.ts';

const user = { orgId: orgId(1), userId: userId(1) };
const who = { user_id: user.userId, organization_id: user.orgId };
const answer = (status: number, body: unknown): RawAnswer => ({
  kind: 'answer',
  status,
  contentType: '',
  body: new Secret(typeof body === 'string' ? body : JSON.stringify(body)),
});

const cases: [string, RawAnswer, unknown][] = [
  ['an active user', answer(200, { ...who, active: true, username: 'ada' }), { kind: 'active', username: 'ada' }],
  ['a user of whom no more is said', answer(200, who), { kind: 'active' }],
  ['a username that is none', answer(200, { ...who, username: 7 }), { kind: 'active' }],
  ['a deactivated user', answer(200, { ...who, active: false, username: 'ada' }), { kind: 'inactive' }],
  ['the word for one', answer(404, 'Inactive'), { kind: 'inactive' }],
  ['the word in quotes', answer(404, '"inactive"'), { kind: 'inactive' }],
  ['another 404', answer(404, 'Bad_Id'), { kind: 'silent', detail: 'HTTP 404' }],
  ['the word with another status', answer(403, 'Inactive'), { kind: 'silent', detail: 'HTTP 403' }],
  ['a refused token', answer(403, 'Bad_OAuth_Token'), { kind: 'token_rejected' }],
  ['an unauthorized one', answer(401, ''), { kind: 'token_rejected' }],
  ['another refusal', answer(403, 'Wrong_Org'), { kind: 'silent', detail: 'HTTP 403' }],
  ['a redirect', answer(302, ''), { kind: 'silent', detail: 'HTTP 302' }],
  ['an outage', answer(503, 'Inactive'), { kind: 'unavailable', detail: 'HTTP 503' }],
  ['a silence', { kind: 'no_answer', reason: 'timeout' }, { kind: 'unavailable', detail: 'timeout' }],
  ['a page', answer(200, '<html>'), { kind: 'unavailable', detail: 'the answer is no JSON' }],
  ['something else', answer(200, []), { kind: 'silent', detail: 'the answer is no identity' }],
  [
    'another user',
    answer(200, { ...who, user_id: userId(2), active: false }),
    { kind: 'silent', detail: 'the answer is about another user' },
  ],
  [
    'another org',
    answer(200, { ...who, organization_id: orgId(2) }),
    { kind: 'silent', detail: 'the answer is about another user' },
  ],
];

for (const [what, given, verdict] of cases) {
  test(`the identity URL answers with ${what}`, () => {
    assert.deepEqual(judgeIdentityAnswer(given, user), verdict);
  });
}
