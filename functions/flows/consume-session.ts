/**
 * A session is consumed once, before its code is sent, and given back where nothing was sent after all.
 */
import { StoreUnavailableError } from '../core/errors.ts';
import type { Ports } from '../core/ports.ts';
import type { Session } from '../core/session.ts';
import { consume, unconsume } from '../core/session-step.ts';
import { functionTimeNeededMs } from '../core/time-limits.ts';
import { change } from './change.ts';

export type ConsumePorts = Pick<Ports, 'store' | 'clock'>;

export async function consumeSession(
  ports: ConsumePorts,
  session: Session,
  attemptId: string,
  remainingTimeMs: () => number,
): Promise<{ mine: boolean; session: Session }> {
  const now = ports.clock.now();
  // A consume whose answer was lost is found again, as long as the code can still be sent in time.
  const until = now + Math.max(0, remainingTimeMs() - functionTimeNeededMs);
  try {
    const { result, item } = await change(
      ports.store.sessions,
      session.id,
      (current) => {
        if (current === undefined || session.binding === undefined) return { keep: true, result: false };
        const decision = consume(current, attemptId, session.binding, ports.clock.now());
        if (decision.kind === 'consume') return { write: decision.after, result: true };
        return { keep: true, result: decision.kind === 'consumed' };
      },
      { writeId: `${attemptId}.consume`, seen: session, persist: { clock: ports.clock, until } },
    );
    return { mine: result, session: item ?? session };
  } catch (error) {
    if (error instanceof StoreUnavailableError) await release(ports, session, attemptId, remainingTimeMs);
    throw error;
  }
}

/** What is left of the function's time for its answer. */
const answerTimeMs = 3_000;

/** Nothing was sent: whether the consume was applied or not, the browser may load the callback again. */
export async function release(
  ports: ConsumePorts,
  session: Session,
  attemptId: string,
  remainingTimeMs: () => number,
): Promise<void> {
  const until = ports.clock.now() + Math.max(0, remainingTimeMs() - answerTimeMs);
  await change(
    ports.store.sessions,
    session.id,
    (current) => {
      const after = current && unconsume(current, attemptId);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${attemptId}.release`, persist: { clock: ports.clock, until } },
  );
}
