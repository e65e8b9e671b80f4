/** By what scenes know a write, to have its process die behind it or the table refuse it (`UpgradeWorld.onWrite`). */
import { dueConnection } from './scene-acts.ts';
import type { UpgradeWorld } from './upgrade-world.ts';

/** Longer than a function's tries of the store, shorter than its life. */
const triesMs = 52_000;

export type Written = Readonly<Record<string, unknown>>;

/** What comes back from Salesforce cannot be written, for as long as a function lives. */
export function refuseAnswers({ flow, onWrite }: UpgradeWorld, of: (after: Written) => boolean = isAnswer): void {
  let begun = false;
  onWrite((after) => {
    if (!of(after)) return undefined;
    if (!begun) flow.clock.advance(triesMs);
    begun = true;
    return 'refuse';
  });
}

/** A connection whose next refresh rotates its token, which the table then refuses: the lifeboat's case. */
export async function withheldConnection(world: UpgradeWorld): Promise<string> {
  world.flow.simulator.switches.rotation = true;
  const connectionId = await dueConnection(world.flow);
  refuseAnswers(world);
  return connectionId;
}

export const grantOf = (after: Written) => (after.grant ?? {}) as Written;
export const hasGrant = (after: Written) => after.grant !== undefined && after.orgId !== undefined;
export const lease = (after: Written) => grantOf(after).lease !== undefined;
export const owes = (after: Written, kind: string) =>
  Object.values((after.duties ?? {}) as Record<string, Written>).some((duty) => duty.kind === kind);
const isAnswer = (after: Written) => hasGrant(after) && !lease(after);
