/**
 * Makes what `verify.py` judges: assertions as the service makes them, signed with a PEM key, beside the certificate file
 * as `npx grantkeeper signing-key` makes it; and three that are spoilt, each in one thing only.
 *
 *   node dev/verify-assertion/write.ts FOLDER
 *
 * The private keys stay in this process.
 */
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSigned } from '../../cli/certificate.ts';
import { pemSigningKey } from '../../functions/adapters/pem-signing-keys.ts';
import { type AssertionClaims, assertionOf, signingInput } from '../../functions/core/assertion.ts';
import type { SigningKey } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name the folder to write to: node dev/verify-assertion/write.ts FOLDER');

const claims = (changes: Partial<AssertionClaims> = {}): AssertionClaims => ({
  clientId: '3MVG9.verify-assertion',
  username: 'integration@acme.example',
  audience: 'https://login.salesforce.com',
  id: randomUUID(),
  now: Date.now(),
  ...changes,
});

const { key, certificate } = await certifiedKey();
const { key: otherKey } = await certifiedKey();
const good = claims();
const assertions = {
  good: [await signed(key, signingInput(good)), await signed(key, signingInput(claims()))],
  otherKey: await signed(otherKey, signingInput(claims())),
  otherAudience: await signed(key, signingInput(claims({ audience: 'https://test.salesforce.com' }))),
  expiryInMilliseconds: await signed(key, withExpiryInMilliseconds(signingInput(claims()))),
};
const expected = { iss: good.clientId, sub: good.username, aud: good.audience };
writeFileSync(join(folder, 'certificate.pem'), certificate);
writeFileSync(join(folder, 'assertions.json'), JSON.stringify({ expected, assertions }), { mode: 0o600 });

async function certifiedKey(): Promise<{ key: SigningKey; certificate: string }> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const key = pemSigningKey({ id: '1', privateKeyPem: new Secret(pem) });
  const ofCertificate = {
    publicKey: async () => createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    sign: async (message: Uint8Array) => sign('sha256', message, privateKey),
  };
  const made = await selfSigned({ name: 'verify-assertion', key: ofCertificate, now: Date.now(), days: 365 });
  return { key, certificate: made.pem };
}

async function signed(by: SigningKey, input: string): Promise<string> {
  return assertionOf(input, await by.sign(input)).reveal();
}

/** As others have it wrong (`Date.now() + …`). */
function withExpiryInMilliseconds(input: string): string {
  const [header, payload = ''] = input.split('.');
  const read = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return `${header}.${Buffer.from(JSON.stringify({ ...read, exp: read.exp * 1_000 })).toString('base64url')}`;
}
