/** What a refresh sent, and what came back: the words that every rule of its settlement shares. */
import type { Generation } from './generation.ts';
import type { Grant } from './grant.ts';

/** One refresh: the attempt's id and the generation whose token it sent. */
export interface SentAttempt {
  readonly id: string;
  readonly generation: Generation;
  /** Where it was sent. */
  readonly loginUrl: string;
}

/** What a refresh response brought, sealed under the org's keys. */
export type NewTokens = Pick<
  Grant,
  'accessToken' | 'accessTokenSha256' | 'refreshToken' | 'issuedAt' | 'expiresAt' | 'refreshAfter' | 'instanceUrl'
> & {
  /** The response held a refresh token; else `refreshToken` is the one that was sent. */
  readonly rotated: boolean;
  /** Its `id` names another org or user. The answer is kept, for its rotated token would be lost with it. */
  readonly identityChanged: boolean;
};
