/** What the neighbour's acts took, as they happen. */
import type { EngineClock } from './engine-clock.ts';
import type { Act } from './neighbour-order.ts';

export interface Watch {
  readonly took: Record<Act, number[]>;
  readonly failed: Record<Act, number>;
  readonly readers: Record<string, number>;
  /** The neighbour's connections that the schedule is to queue. */
  readonly due: Set<string>;
  /** Instances of `token` that opened the neighbour's key, each once. */
  keysOpened: number;
  sent(connectionId: string): void;
  replaced(before: { grant?: { refreshes: number } }, after: { id: string; grant?: { refreshes: number } }): void;
}

export function createWatch(clock: EngineClock): Watch {
  const sentAt = new Map<string, number>();
  const due = new Set<string>();
  const took: Watch['took'] = { read: [], 'read after an idle day': [], callback: [], 'queued refresh': [] };
  const failed: Watch['failed'] = { read: 0, 'read after an idle day': 0, callback: 0, 'queued refresh': 0 };
  return {
    took,
    failed,
    readers: {},
    due,
    keysOpened: 0,
    sent(connectionId) {
      if (due.has(connectionId) && !sentAt.has(connectionId)) sentAt.set(connectionId, clock.now());
    },
    replaced(before, { id, grant }) {
      const at = sentAt.get(id);
      if (at === undefined || grant?.refreshes === before.grant?.refreshes || !due.delete(id)) return;
      took['queued refresh'].push(clock.now() - at);
    },
  };
}
