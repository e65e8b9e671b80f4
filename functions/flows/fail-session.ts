/** Ends a connect session without a connection; a grant that is not kept is owed its revocation in that same write. */
import type { RevokeDuty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import type { Session, SessionError } from '../core/session.ts';
import { fail } from '../core/session-step.ts';
import { change, type Persistence } from './change.ts';

/** @param session as the caller consumed it, or found it pending: another callback's exchange is not ended by it */
export async function failSession(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>,
  session: Session,
  error: SessionError,
  options: { readonly revoke?: RevokeDuty; readonly persist?: Persistence } = {},
): Promise<Session> {
  const { item } = await change(
    ports.store.sessions,
    session.id,
    (current) => {
      const after = current && fail(current, error, session.attempt?.id, options.revoke);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${newId(ports.random)}.failed`, persist: options.persist },
  );
  ports.metrics.add('ConnectFailed', 1);
  ports.log.info('A connect session failed.', { session_id: session.id, error: error.code });
  return item ?? session;
}
