/**
 * The faults, by kind, and when they strike. At each step the world names those that could strike there; a plan says
 * which does. Random for schedules, chosen one by one for the exhaustive walk.
 */
import type { SeededRandom } from './seeded-random.ts';

export type Fault =
  | 'crash_before'
  | 'crash_after'
  | 'function_timeout'
  | 'delay'
  | 'clock_skew'
  | 'store_refused'
  | 'store_outage'
  /** The store goes out just when Salesforce has answered. */
  | 'store_out_at_answer'
  | 'lifeboat_out_at_answer'
  | 'store_answer_lost'
  | 'store_retried_as_conflict'
  | 'lifeboat_refused'
  | 'lifeboat_outage'
  | 'lifeboat_answer_lost'
  | 'keys_unavailable'
  | 'secret_unreadable'
  | 'queue_failed'
  | 'queue_answer_lost'
  | 'message_duplicated'
  | 'message_late'
  | 'message_reordered'
  | 'invocation_failed'
  | 'alert_failed'
  | 'alert_answer_lost'
  | 'configuration_failed'
  | 'configuration_hangs'
  | 'salesforce_unreached'
  | 'salesforce_response_lost'
  | 'salesforce_slow'
  | 'salesforce_too_slow'
  | 'salesforce_after_lease'
  | 'salesforce_page_503'
  | 'salesforce_page_503_processed'
  | 'salesforce_error';

export interface FaultPlan {
  /** Which of `possible` strikes at this step; `undefined`: none. `preempts`: the exhaustive walk branches here. */
  strike(possible: readonly Fault[], preempts?: boolean): Fault | undefined;
  /** How long a call is under way before it happens; `maxDelayMs` where it is delayed. */
  latencyMs(maxDelayMs: number): { ms: number; delayed: boolean };
  /** @param name of the function */
  skewMs(name: string): number;
  /** A call of a process that was killed: does it still happen? */
  orphanLands(): boolean;
  /** A number in [0, below) for whatever a fault leaves open: how long, which error. */
  below(below: number): number;
}

/** What may go wrong together; each schedule has some of these. */
const families: readonly (readonly Fault[])[] = [
  ['crash_before', 'crash_after'],
  ['store_refused', 'store_answer_lost', 'store_retried_as_conflict'],
  ['store_out_at_answer'],
  ['store_out_at_answer', 'lifeboat_refused', 'lifeboat_answer_lost'],
  ['store_out_at_answer', 'lifeboat_out_at_answer'],
  ['keys_unavailable', 'secret_unreadable', 'invocation_failed', 'queue_failed', 'queue_answer_lost'],
  ['configuration_failed', 'configuration_hangs'],
  ['message_duplicated', 'message_late'],
  ['alert_failed', 'alert_answer_lost'],
  ['salesforce_unreached', 'salesforce_response_lost', 'salesforce_page_503', 'salesforce_page_503_processed'],
  ['salesforce_slow', 'salesforce_too_slow'],
  ['salesforce_after_lease'],
  ['salesforce_error'],
  ['delay'],
  ['clock_skew'],
];

/** Salesforce is asked seldom, the store often: what strikes there must be likelier at each step to strike at all. */
const weights: Partial<Record<Fault, number>> = {
  store_out_at_answer: 5,
  lifeboat_out_at_answer: 2,
  salesforce_unreached: 3,
  salesforce_response_lost: 4,
  salesforce_page_503: 2,
  salesforce_page_503_processed: 3,
  salesforce_slow: 4,
  salesforce_too_slow: 4,
  salesforce_after_lease: 0.5,
  salesforce_error: 6,
  crash_before: 0.4,
  crash_after: 0.7,
  secret_unreadable: 2,
  message_duplicated: 10,
  message_late: 5,
  configuration_failed: 8,
  configuration_hangs: 4,
  queue_answer_lost: 3,
  alert_failed: 8,
  alert_answer_lost: 8,
  lifeboat_refused: 3,
  lifeboat_answer_lost: 20,
  delay: 1,
};

export function randomPlan(random: SeededRandom, on: () => boolean): FaultPlan {
  const intensity = random.pick([0.004, 0.015, 0.04, 0.09]);
  const among = random.pick([0.15, 0.35, 0.7, 1]);
  const enabled = new Set(families.filter(() => random.chance(among)).flat());
  const skewed = enabled.has('clock_skew');
  const delays = enabled.has('delay');
  return {
    strike(possible) {
      if (!on()) return undefined;
      for (const fault of possible) {
        if (enabled.has(fault) && random.chance(intensity * (weights[fault] ?? 1))) return fault;
      }
      return undefined;
    },
    latencyMs(maxDelayMs) {
      const usual = random.below(30);
      if (!delays || !on() || !random.chance(intensity)) return { ms: usual, delayed: false };
      return { ms: random.below(random.chance(0.5) ? Math.min(2_000, maxDelayMs) : maxDelayMs), delayed: true };
    },
    skewMs: () => (skewed ? random.below(2_001) - 1_000 : 0),
    orphanLands: () => random.chance(0.5),
    below: random.below,
  };
}
