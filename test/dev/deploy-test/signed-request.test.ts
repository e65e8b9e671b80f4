import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signedHeaders } from '../../../dev/deploy-test/signed-request.ts';

const wanted = { method: 'GET', url: new URL('https://api.execute-api.localhost:4566/connections?app=crm') };
const user = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };

const signedNamesOf = ({ authorization = '' }: Record<string, string>) =>
  /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];

test('a role signs with the token of its session, and the token is covered by the signature', async () => {
  const headers = await signedHeaders(wanted, 'execute-api', { ...user, sessionToken: 'session' });
  assert.equal(headers['x-amz-security-token'], 'session');
  assert.ok(signedNamesOf(headers).includes('x-amz-security-token'));
});

test('a user has no session, and no token is sent', async () => {
  const headers = await signedHeaders(wanted, 'execute-api', user);
  assert.equal(headers['x-amz-security-token'], undefined);
  assert.ok(signedNamesOf(headers).includes('host'));
});
