/** What a rule of diagnosis is: a pure function from what is known of a dead connection to a finding, or none. */
import type { Connection } from '../connection.ts';
import type { Confidence, DiagnosisFacts } from '../diagnosis.ts';
import type { Actor } from '../error-table.ts';
import type { Attempt, Grant } from '../grant.ts';
import { durationWords } from './duration-words.ts';

/** A connection whose grant is called dead, and all that is known beside it. */
export interface Case extends DiagnosisFacts {
  readonly connection: Connection;
  readonly grant: Grant;
  /** When Salesforce last took its refresh token, or gave it: it lived then. */
  readonly aliveAt: number;
  /** When it was first called dead. */
  readonly deadAt: number;
}

export interface Finding {
  readonly confidence: Confidence;
  /** Sentences; what lowers the confidence is among them. At least one. */
  readonly evidence: readonly string[];
  /** It ends a token whatever else happens: what else fits does not speak against it. @default false */
  readonly suffices?: boolean;
}

export interface Rule {
  /** Its file's name, and its page's. */
  readonly cause: string;
  /** Who must act first. */
  readonly actor: Actor;
  readonly remedy: string;
  /** `undefined`: nothing speaks for it. */
  find(it: Case): Finding | undefined;
}

/** `undefined`: no grant is stored. */
export function caseOf(connection: Connection, facts: DiagnosisFacts): Case | undefined {
  const { grant } = connection;
  if (grant === undefined) return undefined;
  const deadAt = grant.deadSince ?? grant.death?.at ?? grant.lastFailure?.at ?? facts.now;
  return { ...facts, connection, grant, aliveAt: grant.refreshedAt, deadAt };
}

/** Requests of the present generation that were never answered before the verdict: one may lie between its two sightings. */
export function unansweredOf({ grant, deadAt }: Case): readonly Attempt[] {
  const verdictAt = grant.death?.at ?? deadAt;
  return grant.attempts.filter((one) => one.refreshes === grant.refreshes && one.begunAt < verdictAt);
}

/** Answers since it last lived, besides the two that called it dead and those to later tries. */
export function otherFailuresOf({ grant }: Case): number {
  return Math.max(0, grant.failures - 2 - (grant.death?.tries ?? 0));
}

/** An idle connection is looked at daily, and tried again within hours. */
const longestCycleMs = 2 * 24 * 3_600_000;

/** Where nothing was refreshed for days, what is found dead together need not have died together. */
export function standstillWords({ aliveAt, deadAt }: Case): readonly string[] {
  if (deadAt - aliveAt <= longestCycleMs) return [];
  return [
    `Against it: it had not been refreshed for ${durationWords(deadAt - aliveAt)}; what is found dead together after that may have ended at any time.`,
  ];
}

/** As `causeOfDeath` names it in the verdict's own write. */
export const userCause = 'user_deactivated_or_password_changed';

/**
 * Salesforce says so of a user who is locked or deactivated, or whose password was changed, and of nothing else. What later
 * tries were answered says nothing of the death: by then the cause that was told remembers it.
 */
export function saysAuthenticationFailure({ connection, grant }: Case): boolean {
  if ((grant.lastFailure?.at ?? 0) > (grant.death?.at ?? 0)) return connection.cause === userCause;
  return grant.lastFailure?.description.trim().toLowerCase() === 'authentication failure';
}
