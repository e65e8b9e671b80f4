/**
 * The assertion of the JWT bearer flow (RFC 7523 §3, RFC 7515 §3.1; facts §8): who we are, whom we act for, for whom it is
 * meant and until when, signed with RS256. The key may be one that never leaves KMS, so signing is somebody else's.
 */
import { Secret } from './secret.ts';

export interface AssertionClaims {
  /** The consumer key. */
  readonly clientId: string;
  readonly username: string;
  readonly audience: string;
  /** Unique: tells two assertions of one second apart. */
  readonly id: string;
  /** Milliseconds since the epoch; the claim is in seconds. */
  readonly now: number;
}

/** Salesforce takes three minutes at most; a clock may be off, on either side. */
const assertionLifetimeMs = 150_000;

/** What is signed: header and payload, in base64url, joined by a dot. */
export function signingInput({ clientId, username, audience, id, now }: AssertionClaims): string {
  const header = { alg: 'RS256', typ: 'JWT' };
  const expiresAtEpochSeconds = Math.floor((now + assertionLifetimeMs) / 1_000);
  const payload = { iss: clientId, sub: username, aud: audience, exp: expiresAtEpochSeconds, jti: id };
  return `${encoded(header)}.${encoded(payload)}`;
}

/** Whoever holds it is the user for as long as it lives. */
export function assertionOf(input: string, signature: Uint8Array): Secret {
  return new Secret(`${input}.${Buffer.from(signature).toString('base64url')}`);
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
