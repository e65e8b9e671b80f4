/** Digests, all synchronous: the core must not wait on anything, not even on WebCrypto. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from './secret.ts';

/** Lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function sha256Base64url(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

export function hmacSha256Base64(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64');
}

/** Takes the same time wherever the texts differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest();
  const right = createHash('sha256').update(b).digest();
  return timingSafeEqual(left, right);
}

/** Tells secrets apart in the ledger, and gives nothing away: the first 16 hex digits of its SHA-256. */
export function fingerprintOf(secret: Secret): string {
  return sha256Hex(secret.reveal()).slice(0, 16);
}
