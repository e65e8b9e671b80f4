import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { compactVerify, jwtVerify } from 'jose';
import { type AssertionClaims, assertionOf, signingInput } from '../../../functions/core/assertion.ts';
import { audienceOf } from '../../../functions/core/audience.ts';
import { noon } from '../../contract/items.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const claims: AssertionClaims = {
  clientId: 'client-1',
  username: 'ada@acme.example',
  audience: 'https://login.salesforce.com',
  id: 'attempt-1',
  now: noon,
};

function signed(input: string): string {
  return assertionOf(input, sign('sha256', Buffer.from(input), privateKey)).reveal();
}

function payloadOf(input: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(input.split('.')[1] ?? '', 'base64url').toString());
}

test('an assertion says who asks, for whom, to whom and until when, and no more', () => {
  assert.deepEqual(payloadOf(signingInput(claims)), {
    iss: 'client-1',
    sub: 'ada@acme.example',
    aud: 'https://login.salesforce.com',
    exp: noon / 1_000 + 150,
    jti: 'attempt-1',
  });
});

test('an independent verifier takes it, and refuses it for another audience, user or time', async () => {
  const assertion = signed(signingInput({ ...claims, username: 'zoë@acme.example' }));
  const expected = {
    issuer: 'client-1',
    audience: claims.audience,
    subject: 'zoë@acme.example',
    algorithms: ['RS256'],
  };
  const at = (now: number) => ({ ...expected, currentDate: new Date(now) });
  await jwtVerify(assertion, publicKey, at(noon));
  await assert.rejects(
    jwtVerify(assertion, publicKey, { ...at(noon), audience: 'https://test.salesforce.com' }),
    /aud/,
  );
  await assert.rejects(jwtVerify(assertion, publicKey, { ...at(noon), subject: 'ada@acme.example' }), /sub/);
  await assert.rejects(jwtVerify(assertion, publicKey, at(noon + 151_000)), /exp/);
});

test('an independent verifier refuses what was changed, or signed by another', async () => {
  const [header = '', , signature = ''] = signed(signingInput(claims)).split('.');
  const [, otherPayload = ''] = signingInput({ ...claims, username: 'eve@evil.example' }).split('.');
  await assert.rejects(compactVerify(`${header}.${otherPayload}.${signature}`, publicKey), /signature/);
  const other = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey;
  await assert.rejects(compactVerify(signed(signingInput(claims)), other), /signature/);
});

test('exp is in whole seconds, in the future, and never more than three minutes ahead', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (now) => {
      const { exp } = payloadOf(signingInput({ ...claims, now }));
      assert.ok(Number.isInteger(exp));
      const aheadMs = Number(exp) * 1_000 - now;
      assert.ok(aheadMs > 60_000 && aheadMs <= 180_000, `${aheadMs} ms`);
    }),
  );
});

test('two assertions of one instant differ by their ids', () => {
  assert.notEqual(signingInput(claims), signingInput({ ...claims, id: 'attempt-2' }));
});

test('it prints as nothing: whoever holds it is the user', () => {
  const secret = assertionOf(signingInput(claims), new Uint8Array([1, 2, 3]));
  assert.doesNotMatch(`${secret}${inspect(secret)}${JSON.stringify({ secret })}`, /eyJ/);
});

test('the audience is the login URL, unless the deployer says otherwise', () => {
  const site = 'https://acme.my.site.com/customers';
  assert.equal(audienceOf({}, 'https://acme.my.salesforce.com'), 'https://acme.my.salesforce.com');
  assert.equal(audienceOf({ audience: site }, 'https://acme.my.salesforce.com'), site);
});
