/**
 * RSA keys with self-signed certificates, and assertions written down by hand: the tests of the simulator sign nothing
 * with the product's code.
 */
import 'reflect-metadata';
import { KeyObject, randomUUID, sign } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';
import type { Simulator } from '../../../dev/simulator/simulator.ts';
import { ada, origin, post, type Reply, startOfTests } from './client.ts';

export interface CertifiedKey {
  privateKey: KeyObject;
  /** PEM. */
  certificate: string;
}

const dayMs = 24 * 3_600_000;
const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

/** Valid from the day before the tests begin. */
export async function certifiedKey({ days = 365 }: { days?: number } = {}): Promise<CertifiedKey> {
  const keys = await crypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
  return { privateKey: KeyObject.from(keys.privateKey), certificate: await certificateOf(keys, rsa, days) };
}

export async function ellipticCertificate(): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  return certificateOf(await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']), algorithm, 365);
}

async function certificateOf(keys: CryptoKeyPair, signingAlgorithm: typeof rsa | EcdsaParams, days: number) {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=local-jwt-client',
    notBefore: new Date(startOfTests - dayMs),
    notAfter: new Date(startOfTests + days * dayMs),
    signingAlgorithm,
    keys,
  });
  return certificate.toString('pem');
}

/** With a secret, so that its answers are signed: the flow asks for none. */
export const jwtApp = {
  clientId: 'local-jwt-client',
  clientSecret: 'local-secret',
  redirectUris: [],
  scopes: ['api', 'refresh_token'],
  preauthorized: [ada.username],
};

export interface AssertionChanges {
  claims?: Record<string, unknown>;
  algorithm?: string;
}

export function assertionOf({ privateKey }: CertifiedKey, now: number, changes: AssertionChanges = {}): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: jwtApp.clientId,
    sub: ada.username,
    aud: origin,
    exp: Math.floor(now / 1_000) + 150,
    jti: randomUUID(),
    ...changes.claims,
  };
  const signed = `${part({ alg: changes.algorithm ?? 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

export function sendAssertion(simulator: Simulator, assertion: string): Promise<Reply> {
  return post(simulator, '/services/oauth2/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion,
  });
}
