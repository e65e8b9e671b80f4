/**
 * An assertion as Salesforce reads it: a compact JWS, RS256 only, with claims that are checked one by one
 * (RFC 7523 section 3; salesforce-oauth.md, section 8). Written for the simulator alone: it shares nothing with what signs.
 */
import { verify } from 'node:crypto';
import { certificateOf } from './app-policy-book.ts';

export interface Assertion {
  algorithm: unknown;
  claims: Readonly<Record<string, unknown>>;
  signed: string;
  signature: Buffer;
}

/** Unverified; `undefined` where it is no compact JWS. */
export function readAssertion(text: string): Assertion | undefined {
  const [, header = '', payload = '', signature = ''] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(text) ?? [];
  const [head, claims] = [decoded(header), decoded(payload)];
  if (head === undefined || claims === undefined) return undefined;
  const signed = `${header}.${payload}`;
  return { algorithm: head.alg, claims, signed, signature: Buffer.from(signature, 'base64url') };
}

export interface Verification {
  /** PEM. */
  certificates: readonly string[];
  endedCertificate: 'refused' | 'taken';
  /** Milliseconds since the epoch. */
  now: number;
}

/** Whether one of the certificates verifies it. */
export function isSigned(assertion: Assertion, { certificates, endedCertificate, now }: Verification): boolean {
  if (assertion.algorithm !== 'RS256') return false;
  return certificates.map(certificateOf).some((certificate) => {
    const { validFromDate, validToDate, publicKey } = certificate;
    const ended = validToDate.getTime() <= now || validFromDate.getTime() > now;
    if (ended && endedCertificate === 'refused') return false;
    return verify('RSA-SHA256', Buffer.from(assertion.signed), publicKey, assertion.signature);
  });
}

/** How its `exp` stands; a clock may be off by a minute. Milliseconds for seconds are far too late. */
export function expiryOf({ claims }: Assertion, now: number): 'good' | 'past' | 'wrong' {
  const { exp } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return 'wrong';
  const aheadMs = exp * 1_000 - now;
  if (aheadMs > longestMs + skewMs) return 'wrong';
  return aheadMs > -skewMs ? 'good' : 'past';
}

const longestMs = 3 * 60_000;
const skewMs = 60_000;

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
