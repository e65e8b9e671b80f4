/**
 * The life of a connection's tokens as one machine: `next(connection, event, now)` is all that a refresh, a drain of
 * the lifeboat, or their absence can make of it. No I/O; each event's rule has a file of its own.
 *
 * The table of transitions is drawn in docs/architecture.md, and a property test holds the code to it.
 */
import { decideClaim, decideDrainClaim, withdrawClaim } from './claim.ts';
import type { Connection } from './connection.ts';
import { foreseeExpiry, type TokenLimits, tryBeforeIdleEnd } from './expiry-ahead.ts';
import type { Generation } from './generation.ts';
import { leaseLives } from './grant.ts';
import type { RefreshReport, RefreshRequest } from './ports.ts';
import type { NewTokens, SentAttempt } from './sent-attempt.ts';
import { decideCommit } from './settle-commit.ts';
import { decideNoAnswer } from './settle-no-answer.ts';
import { decideRefusal, type Refusal } from './settle-refusal.ts';

export type RefreshState =
  /** Tokens, and nothing under way. */
  | 'resting'
  /** A lease lives: one request may be at Salesforce. */
  | 'claimed'
  /** The lease has ended and no answer has settled its attempt: it may have been lost, or lie in the lifeboat. */
  | 'in_doubt'
  /** Failed for now, and tried again later. */
  | 'backing_off'
  /** Called dead once. */
  | 'suspected'
  | 'admin_action_required'
  /** Called dead twice; tried again after an hour, a day and three days. */
  | 'reauthorization_required'
  | 'disconnected';

export type RefreshEvent =
  /** Somebody wants a refresh; `attemptId` would be its owner. */
  | { readonly type: 'asked'; readonly request: RefreshRequest; readonly attemptId: string }
  /** `maintain` found an answer in the lifeboat and wants to commit it. */
  | { readonly type: 'drain_asked'; readonly generation: Generation; readonly attemptId: string }
  /** The claim's request was not sent. */
  | { readonly type: 'not_sent'; readonly attemptId: string; readonly nextRefreshAt: number }
  | {
      readonly type: 'answered';
      readonly attempt: SentAttempt;
      readonly made: NewTokens;
    }
  /** An earlier attempt's answer was found in the lifeboat by `attemptId`, under its claim. */
  | { readonly type: 'rescued'; readonly attempt: SentAttempt; readonly made: NewTokens; readonly attemptId: string }
  | {
      readonly type: 'refused';
      readonly attempt: SentAttempt;
      readonly refusal: Refusal;
      readonly alertId: string;
    }
  | { readonly type: 'unanswered'; readonly attempt: SentAttempt; readonly reason: string };

export type RefreshOutcome =
  | 'claimed'
  | 'withdrawn'
  | 'committed'
  /** This very event was applied before: its write's answer was lost. */
  | 'known'
  /** The generation moved on; nothing is to be kept of it. */
  | 'stale'
  /** The grant was superseded: its revocation duty was brought up to date. */
  | 'superseded'
  | 'recorded'
  | { readonly skipped: RefreshReport['outcome'] };

export type Transition =
  | { readonly kind: 'write'; readonly after: Connection; readonly outcome: RefreshOutcome }
  | { readonly kind: 'keep'; readonly outcome: RefreshOutcome };

/**
 * @param fraction uniform in [0, 1): jitter
 * @param limits when the app's refresh tokens end. @default none is known
 */
export function next(
  connection: Connection,
  event: RefreshEvent,
  now: number,
  fraction: number,
  limits: TokenLimits = {},
): Transition {
  const transition = decided(connection, event, now, fraction, limits);
  // A claim is under way: what becomes of it says when it is looked at next.
  if (transition.kind === 'keep' || transition.outcome === 'claimed') return transition;
  // A claim given back was not tried: it is due again when its owner says.
  const due = event.type === 'not_sent' ? transition.after : tryBeforeIdleEnd(transition.after, limits, now);
  return { ...transition, after: foreseeExpiry(due, limits, now) };
}

function decided(
  connection: Connection,
  event: RefreshEvent,
  now: number,
  fraction: number,
  { idleMs }: TokenLimits,
): Transition {
  switch (event.type) {
    case 'asked':
      return asked(connection, event.request, event.attemptId, now);
    case 'drain_asked':
      return written(decideDrainClaim(connection, event.generation, now, event.attemptId), 'claimed', 'stale');
    case 'not_sent':
      return written(withdrawClaim(connection, event.attemptId, event.nextRefreshAt), 'withdrawn', 'known');
    case 'answered':
      return answered(connection, event.attempt, event.made, now, fraction, idleMs);
    case 'rescued':
      return rescued(connection, event.attempt, event.made, event.attemptId, now, fraction, idleMs);
    case 'refused':
      return written(
        decideRefusal(connection, event.attempt, event.refusal, now, fraction, event.alertId),
        'recorded',
        'stale',
      );
    case 'unanswered':
      return written(decideNoAnswer(connection, event.attempt, event.reason, now, fraction), 'recorded', 'stale');
  }
}

export function stateOf(connection: Connection, now: number): RefreshState {
  const { grant, status } = connection;
  if (grant === undefined || status === 'disconnected') return 'disconnected';
  if (leaseLives(grant, now)) return 'claimed';
  if (status === 'reauthorization_required' || status === 'admin_action_required') return status;
  if (grant.attempts.some((one) => one.refreshes === grant.refreshes)) return 'in_doubt';
  if (grant.deadSince !== undefined) return 'suspected';
  return grant.failures > 0 ? 'backing_off' : 'resting';
}

/** States in which an attempt may be open: its lease lives, or ended by time alone and it settles late. */
const open: readonly RefreshState[] = ['claimed', 'in_doubt', 'admin_action_required', 'reauthorization_required'];
const unleased: readonly RefreshState[] = [
  'resting',
  'in_doubt',
  'backing_off',
  'suspected',
  'admin_action_required',
  'reauthorization_required',
];

type Pair = readonly [RefreshState, RefreshState];

const each = (from: readonly RefreshState[], to: readonly RefreshState[]): Pair[] =>
  from.flatMap((one) => to.map((other): Pair => [one, other]));
const stays = (states: readonly RefreshState[]): Pair[] => states.map((one): Pair => [one, one]);

/**
 * Every way from one state to another by an event. Time alone ends a lease: `claimed` then becomes what the rest of the
 * item says, and what settles later still finds its place.
 */
export const transitions: Readonly<Record<RefreshEvent['type'], readonly Pair[]>> = {
  asked: each(unleased, ['claimed']),
  drain_asked: each(unleased, ['claimed']),
  not_sent: [
    ...each(['claimed'], unleased),
    ...each(['in_doubt'], ['resting', 'in_doubt', 'backing_off', 'suspected']),
    ...stays(['resting', 'admin_action_required', 'reauthorization_required']),
  ],
  answered: [
    ...each(open, ['resting', 'admin_action_required']),
    // Over the lease of another attempt, which finds the generation moved on.
    ['claimed', 'claimed'],
  ],
  rescued: [...each(open, ['resting', 'admin_action_required']), ['claimed', 'claimed']],
  refused: [
    ...each(
      ['claimed', 'in_doubt'],
      ['backing_off', 'suspected', 'in_doubt', 'admin_action_required', 'reauthorization_required'],
    ),
    ['admin_action_required', 'reauthorization_required'],
    ...stays(['admin_action_required', 'reauthorization_required']),
  ],
  unanswered: stays(open),
};

function asked(connection: Connection, request: RefreshRequest, attemptId: string, now: number): Transition {
  const decision = decideClaim(connection, request, now, attemptId);
  switch (decision.kind) {
    case 'claim':
      return { kind: 'write', after: decision.after, outcome: 'claimed' };
    case 'claimed':
      return { kind: 'keep', outcome: 'claimed' };
    case 'skip':
      return { kind: 'keep', outcome: { skipped: decision.outcome } };
  }
}

function answered(
  connection: Connection,
  attempt: SentAttempt,
  made: NewTokens,
  now: number,
  fraction: number,
  idleLimitMs?: number,
): Transition {
  const decision = decideCommit(connection, attempt, made, now, fraction, idleLimitMs);
  switch (decision.kind) {
    case 'commit':
      return { kind: 'write', after: decision.after, outcome: 'committed' };
    case 'superseded':
      return { kind: 'write', after: decision.after, outcome: 'superseded' };
    case 'committed':
      return { kind: 'keep', outcome: 'known' };
    case 'stale':
      return { kind: 'keep', outcome: 'stale' };
  }
}

/** The answer is the earlier attempt's, the lease the rescuer's: one write takes the one and gives the other back. */
function rescued(
  connection: Connection,
  attempt: SentAttempt,
  made: NewTokens,
  attemptId: string,
  now: number,
  fraction: number,
  idleLimitMs?: number,
): Transition {
  const transition = answered(connection, attempt, made, now, fraction, idleLimitMs);
  if (transition.kind !== 'write' || transition.outcome !== 'committed') return transition;
  const { after } = transition;
  const freed = withdrawClaim(after, attemptId, after.nextRefreshAt ?? now);
  return { ...transition, after: freed ?? after };
}

function written(after: Connection | undefined, yes: RefreshOutcome, no: RefreshOutcome): Transition {
  return after === undefined ? { kind: 'keep', outcome: no } : { kind: 'write', after, outcome: yes };
}
