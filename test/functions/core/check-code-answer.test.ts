import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { checkCodeAnswer, checkSignature, identityOf } from '../../../functions/core/check-code-answer.ts';
import type { TokenResponse } from '../../../functions/core/judge-token-answer.ts';
import { Secret } from '../../../functions/core/secret.ts';

const orgId = '00D000000000001AAA';
const userId = '005000000000001AAA';
const id = `https://login.salesforce.com/id/${orgId}/${userId}`;
const tokens: TokenResponse = {
  accessToken: new Secret('access'),
  refreshToken: new Secret('refresh'),
  instanceUrl: 'https://acme.my.salesforce.com',
  id,
  issuedAt: '1763726400000',
};

function refusal(change: Partial<TokenResponse>, expected: Parameters<typeof checkCodeAnswer>[1] = {}): string {
  const checked = checkCodeAnswer({ ...tokens, ...change }, expected);
  if (checked.kind === 'accepted') return 'accepted';
  assert.ok(checked.error.detail.length > 0 && checked.error.remedy.length > 0);
  return checked.error.code;
}

test('a sound answer is accepted with its identity and the origin of its instance', () => {
  assert.deepEqual(checkCodeAnswer(tokens, {}), {
    kind: 'accepted',
    orgId,
    userId,
    instanceUrl: 'https://acme.my.salesforce.com',
  });
  assert.equal(refusal({}, { orgId, userId }), 'accepted');
  const path = checkCodeAnswer({ ...tokens, instanceUrl: 'https://acme.my.salesforce.com/services?x' }, {});
  assert.equal(path.kind === 'accepted' && path.instanceUrl, 'https://acme.my.salesforce.com');
});

test('an answer without an identity of Salesforce is refused', () => {
  for (const foreign of [undefined, '', 'x', id.replace('login', 'evil-login.x'), id.replace('https', 'http')]) {
    assert.equal(refusal({ id: foreign }), 'foreign_identity', String(foreign));
  }
});

test('an answer without an instance of Salesforce is refused', () => {
  for (const foreign of [
    undefined,
    '',
    'https://evil.org',
    'https://evil-salesforce.com',
    'http://acme.my.salesforce.com',
  ]) {
    assert.equal(refusal({ instanceUrl: foreign }), 'foreign_instance', String(foreign));
  }
});

test('an answer that could not be refreshed is refused', () => {
  assert.equal(refusal({ refreshToken: undefined }), 'no_refresh_token');
});

test('another org or user than expected is refused, the expected accepted', () => {
  assert.equal(refusal({}, { orgId: '00D000000000002AAA' }), 'wrong_org');
  assert.equal(refusal({}, { userId: '005000000000002AAA' }), 'wrong_user');
  assert.equal(refusal({}, { orgId, userId: '005000000000002AAA' }), 'wrong_user');
  assert.equal(refusal({}, { orgId }), 'accepted');
});

test('the extra origin may name identity and instance where it is configured', () => {
  const extraOrigin = 'http://127.0.0.1:3001';
  const change = { id: `${extraOrigin}/id/${orgId}/${userId}`, instanceUrl: extraOrigin };
  assert.equal(refusal(change, { extraOrigin }), 'accepted');
  assert.equal(refusal(change), 'foreign_identity');
});

test('an identity URL names org and user, and nothing more', () => {
  assert.deepEqual(identityOf(id), { orgId, userId });
  for (const url of [
    `${id}/x`,
    `${id}/`,
    id.replace('/id/', '/x/id/'),
    id.replace('/id/', '/ID/'),
    id.replace(orgId, orgId.slice(0, 15)),
    `https://login.salesforce.com/id/${userId}/${orgId}`,
    'https://login.salesforce.com/id/',
    'https://login.salesforce.com',
  ]) {
    assert.equal(identityOf(url), undefined, url);
  }
});

const sign = (secret: string, text = `${id}${tokens.issuedAt}`) =>
  createHmac('sha256', secret).update(text).digest('base64');
const current = new Secret('current');
const pending = new Secret('pending');
const previous = new Secret('previous');

test('a signature is valid under the current, the pending and the previous secret', () => {
  const secrets = { current, pending, previous };
  for (const secret of ['current', 'pending', 'previous']) {
    assert.equal(checkSignature({ ...tokens, signature: sign(secret) }, secrets), 'valid', secret);
  }
  assert.equal(checkSignature({ ...tokens, signature: sign('pending') }, { current }), 'invalid');
  assert.equal(checkSignature({ ...tokens, signature: sign('previous') }, { current, pending }), 'invalid');
});

test('a signature of another secret, of other fields, or a broken one is invalid', () => {
  for (const signature of [
    sign('other'),
    '',
    'x',
    sign('current', id),
    sign('current').slice(1),
    sign('current', ''),
  ]) {
    assert.equal(checkSignature({ ...tokens, signature }, { current, pending, previous }), 'invalid', signature);
  }
  const moved = { ...tokens, signature: sign('current'), id: id.replace(userId, '005000000000002AAA') };
  assert.equal(checkSignature(moved, { current }), 'invalid');
});

test('a missing signature is not an invalid one', () => {
  assert.equal(checkSignature(tokens, { current }), 'absent');
});
