/**
 * What lies in the lifeboat, the second store: answers that Salesforce gave and DynamoDB refused to take.
 *
 * Only answers that hold a refresh token go there, for only those would be lost. Tokens are sealed as they are in the
 * table. An entry is removed only after its outcome is stored.
 */
import type { RevokeDuty } from './duty.ts';
import type { NewTokens, SentAttempt } from './sent-attempt.ts';
import type { SessionError } from './session.ts';
import type { LinkedAuthorization } from './store-grant.ts';

export type LifeboatEntry = RefreshEntry | CodeEntry | DutyEntry;

interface EntryBase {
  readonly version: 1;
  /** With `attemptId` the key: nothing there is ever overwritten by another attempt. */
  readonly connectionId: string;
  readonly attemptId: string;
  readonly at: number;
}

/** A refresh's answer: committed under a claim, on the generation whose token was sent. */
export interface RefreshEntry extends EntryBase {
  readonly kind: 'refresh';
  readonly attempt: SentAttempt;
  readonly made: NewTokens;
}

/** A code exchange's answer: stored as the callback would have. */
export interface CodeEntry extends EntryBase {
  readonly kind: 'code';
  readonly authorization: LinkedAuthorization;
}

/** A grant that is not kept, whose session could not take the duty to revoke it. */
export interface DutyEntry extends EntryBase {
  readonly kind: 'duty';
  readonly sessionId: string;
  /** What the session ends with. */
  readonly error: SessionError;
  readonly duty: RevokeDuty;
}
