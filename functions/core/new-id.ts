/** Names that nobody can guess, as base64url: how many bits each kind needs stands at its function. */
import type { Random } from './ports.ts';

/** 128 random bits: ids of attempts, grants, writes and alerts. */
export function newId(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('base64url');
}

/** 192 random bits, which may be read: shorter than a secret, so that nothing takes it for one. */
export function newSalt(random: Random): string {
  return Buffer.from(random.bytes(24)).toString('base64url');
}

/** 256 random bits: link secrets and cookies. */
export function newSecretText(random: Random): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}
