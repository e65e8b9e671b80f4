/**
 * Does what earlier writes owe: links, revocations, alerts. Called by whoever wrote them, right away, and by
 * `maintain` for what was left behind by a death or a failure.
 *
 * A duty is taken by moving its `dueAt` on (conditional, so one worker has it at a time), done, and removed only if it
 * is still as it was done. Doing one twice does no harm. Who calls names the doers that it may use: a kind without
 * one is left to others.
 */

import type { Duty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import type { Collection, Ports } from '../core/ports.ts';
import { taken } from '../core/revocation.ts';
import type { Versioned } from '../core/versioned.ts';
import { change } from './change.ts';

/** A connection, or a session that got a grant which is not kept. */
export interface DutyHolder extends Versioned {
  readonly id: string;
  readonly duties: Readonly<Record<string, Duty>>;
}

export type DutyOutcome =
  | 'done'
  /** Tried, and to be tried again after a while. */
  | 'later'
  /** Nothing is to be done before. */
  | { readonly kind: 'wait'; readonly until: number }
  /** Over, and others are owed instead, in the same write. */
  | { readonly kind: 'replaced'; readonly by: Readonly<Record<string, Duty>> };

export type Doers<Holder> = {
  readonly [Kind in Duty['kind']]?: (holder: Holder, duty: Extract<Duty, { kind: Kind }>) => Promise<DutyOutcome>;
};

/** @param own ids of this process's own write: only these, at once. Absent: all that are due. */
export async function doDuties<Holder extends DutyHolder>(
  ports: Pick<Ports, 'clock' | 'random'>,
  collection: Collection<string, Holder>,
  holder: Holder,
  doers: Doers<Holder>,
  own?: readonly string[],
): Promise<Holder> {
  let current = holder;
  for (const [id, duty] of Object.entries(holder.duties)) {
    const wanted = own === undefined ? duty.dueAt <= ports.clock.now() : own.includes(id);
    if (wanted && doers[duty.kind] !== undefined) current = await doOne(ports, collection, current, id, doers);
  }
  return current;
}

async function doOne<Holder extends DutyHolder>(
  ports: Pick<Ports, 'clock' | 'random'>,
  collection: Collection<string, Holder>,
  seen: Holder,
  id: string,
  doers: Doers<Holder>,
): Promise<Holder> {
  const before = seen.duties[id];
  if (before === undefined) return seen;
  const step = newId(ports.random);
  const { duty, item } = await take(ports, collection, seen, id, before, step);
  if (item === undefined || duty === undefined) return item ?? seen;
  const outcome = await act(doers, item, duty);
  if (outcome === 'later') return item;
  return (await settle(collection, item, id, duty, outcome, step)) ?? item;
}

async function take<Holder extends DutyHolder>(
  ports: Pick<Ports, 'clock' | 'random'>,
  collection: Collection<string, Holder>,
  seen: Holder,
  id: string,
  before: Duty,
  step: string,
): Promise<{ duty: Duty | undefined; item: Holder | undefined }> {
  const fraction = ports.random.fraction();
  const { result, item } = await change<string, Holder, Duty | undefined>(
    collection,
    seen.id,
    (current) => {
      const open = current?.duties[id];
      // Another worker has taken it since: it is theirs.
      if (current === undefined || open === undefined || open.dueAt !== before.dueAt) {
        return { keep: true, result: undefined };
      }
      const mine: Duty = taken(open, ports.clock.now(), fraction);
      return { write: { ...current, duties: { ...current.duties, [id]: mine } }, result: mine };
    },
    { writeId: `${step}.take`, seen },
  );
  return { duty: result, item };
}

function act<Holder>(doers: Doers<Holder>, holder: Holder, duty: Duty): Promise<DutyOutcome> {
  const later = Promise.resolve<DutyOutcome>('later');
  switch (duty.kind) {
    case 'link':
      return doers.link?.(holder, duty) ?? later;
    case 'unlink':
      return doers.unlink?.(holder, duty) ?? later;
    case 'revoke':
      return doers.revoke?.(holder, duty) ?? later;
    case 'alert':
      return doers.alert?.(holder, duty) ?? later;
    case 'count':
      return doers.count?.(holder, duty) ?? later;
    case 'watch':
      return doers.watch?.(holder, duty) ?? later;
  }
}

async function settle<Holder extends DutyHolder>(
  collection: Collection<string, Holder>,
  seen: Holder,
  id: string,
  done: Duty,
  outcome: Exclude<DutyOutcome, 'later'>,
  step: string,
): Promise<Holder | undefined> {
  const { item } = await change(
    collection,
    seen.id,
    (current) => {
      const open = current?.duties[id];
      if (current === undefined || open === undefined || !isSameWork(open, done)) {
        return { keep: true, result: undefined };
      }
      return { write: { ...current, duties: dutiesAfter(current.duties, id, open, outcome) }, result: undefined };
    },
    { writeId: `${step}.done`, seen },
  );
  return item;
}

function dutiesAfter(
  duties: Readonly<Record<string, Duty>>,
  id: string,
  open: Duty,
  outcome: Exclude<DutyOutcome, 'later'>,
): Readonly<Record<string, Duty>> {
  const { [id]: _done, ...others } = duties;
  if (outcome === 'done') return others;
  if (outcome.kind === 'replaced') return { ...others, ...outcome.by };
  return { ...others, [id]: { ...open, dueAt: outcome.until, tries: 0 } };
}

/** A revocation duty whose token was replaced while the old one was revoked is not done; nor is a look before the news. */
function isSameWork(open: Duty, done: Duty): boolean {
  if (open.kind === 'watch') return open.since === done.since;
  return open.kind !== 'revoke' || done.kind !== 'revoke' || open.token === done.token;
}
