/** Real time moves the clock of a flow, for work that nobody knows beforehand what it waits for. */
import type { FlowClock } from '../support/flow-clock.ts';

/** Whoever waits meanwhile, for a second look or for a store, is woken, however long it waits. */
export async function whileTimePasses<Result>(clock: FlowClock, work: Promise<Result>): Promise<Result> {
  const passing = setInterval(() => clock.advance(1_000), 2);
  return work.finally(() => clearInterval(passing));
}
