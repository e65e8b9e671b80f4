/**
 * Concurrency that is kept free for what must never wait behind reads: customers on their way, refreshes and what follows
 * them. `token`, `connections` and `configure` share the rest of the account's, so that readers run out of theirs first.
 *
 * Lambda keeps 100 unreserved: an account's quota must be that much above the sum, 302 with the values here (a new
 * account has 10 to 1,000).
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
import type { FunctionName } from '../functions/core/routes.ts';

export type ReservedConcurrency = Readonly<Partial<Record<FunctionName, number>>>;

/** Lambda's own rule: what all functions of an account leave to those that have reserved nothing. */
export const unreservedAtLeast = 100;

/** Where nothing is reserved: 20 workers of the queue, 15 readers of an org that hangs, their refreshes, and ten for the rest. */
export const sharedAtLeast = 60;

export const recommendedConcurrency: ReservedConcurrency = {
  connect: 20,
  callback: 50,
  // 20 for the queue's workers, the rest for readers that found their token stale.
  refresh: 100,
  'jwt-bearer': 20,
  'schedule-refreshes': 2,
  maintain: 10,
};
