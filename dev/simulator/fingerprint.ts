/**
 * The books hold no token, only its SHA-256; people and logs see the first 16 characters of that.
 */
import { createHash } from 'node:crypto';

export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function fingerprintOf(digest: string): string {
  return digest.slice(0, 16);
}
