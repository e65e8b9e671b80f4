/**
 * Keeps the ledger of grants: an attempt before its exchange, and what became of it after. Each entry is settled by
 * somebody who comes back until it is done (a duty of the write that decided), or is shown as an orphan.
 */
import type { Connection } from '../core/connection.ts';
import type { LinkDuty } from '../core/duty.ts';
import {
  attemptsIdOf,
  isSettledForGood,
  type Ledger,
  type LedgerEntry,
  movedFrom,
  type Settlement,
  settled,
  withAttempt,
  withAuthorization,
  withLoss,
  withoutEntries,
  withRevocation,
} from '../core/ledger.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import type { Session } from '../core/session.ts';
import { change, type Persistence } from './change.ts';

export type RecordPorts = Pick<Ports, 'store' | 'clock' | 'random'>;

/** Before the code is sent: a death from here on may leave a grant whose token nobody holds. */
export async function recordAttempt(
  ports: RecordPorts,
  session: Session,
  attemptId: string,
  persist: Persistence,
): Promise<void> {
  const entry: LedgerEntry = { id: attemptId, sessionId: session.id, begunAt: ports.clock.now() };
  await write(ports, ledgerIdOf(session), 'attempt', (ledger, id) => withAttempt(ledger, id, entry), persist);
}

/**
 * Of a session's own attempt: Salesforce made no grant, or made one that we do not keep. Noted again, or noted late, it
 * may find its entry in the ledger of whoever came back for the integration.
 */
export async function recordEnd(
  ports: RecordPorts,
  session: Session,
  attemptId: string,
  end: Omit<Settlement, 'id'>,
): Promise<void> {
  const begunAt = session.attempt?.begunAt ?? ports.clock.now();
  const settlement = { id: attemptId, sessionId: session.id, begunAt, settledAt: ports.clock.now(), ...end };
  let movedTo: string | undefined;
  await write(ports, ledgerIdOf(session), 'end', (ledger, id) => {
    movedTo = movedFrom(ledger, attemptId);
    return movedTo === undefined ? settled(ledger, id, settlement) : undefined;
  });
  if (movedTo !== undefined) await write(ports, movedTo, 'end', (ledger, id) => settled(ledger, id, settlement));
}

/** No answer came: it counts as an orphan from now on, and not only once it is overdue. */
export async function recordLoss(ports: RecordPorts, session: Session, attemptId: string): Promise<void> {
  await write(ports, ledgerIdOf(session), 'lost', (ledger) => withLoss(ledger, attemptId, ports.clock.now()));
}

/** What a stored code answer's write owes the ledger; idempotent. */
export async function recordAuthorization(
  ports: RecordPorts,
  connection: Pick<Connection, 'id' | 'app'>,
  duty: Pick<LinkDuty, 'grant' | 'sessionId' | 'tenant' | 'integration'>,
): Promise<void> {
  const { grant, sessionId } = duty;
  if (grant === undefined) return;
  const attemptsId = attemptsIdOf(connection.app, duty);
  const strangers = await settledAttempts(ports, attemptsId);
  await write(ports, connection.id, 'stored', (ledger, id) =>
    withAuthorization(ledger, id, grant, sessionId, strangers, ports.clock.now()),
  );
  // The connection has them now; found in both places after a death, they are joined by their ids.
  await takeOut(ports, attemptsId, [grant.id, ...strangers.map(({ id }) => id)], connection.id);
  // Of another connection's ledger only its own attempt: what came from here may be a grant of that user there.
  const { ledgerId = attemptsId } = grant;
  if (ledgerId !== attemptsId && ledgerId !== connection.id) await takeOut(ports, ledgerId, [grant.id]);
}

async function takeOut(ports: RecordPorts, from: string, ids: readonly string[], movedTo?: string): Promise<void> {
  const gone = new Set(ids);
  await write(ports, from, 'moved', (ledger) => ledger && withoutEntries(ledger, gone, movedTo));
}

export async function recordRevocation(
  ports: RecordPorts,
  connectionId: string,
  grantId: string,
  end: 'revokedAt' | 'givenUpAt',
): Promise<void> {
  await write(ports, connectionId, end, (ledger) => withRevocation(ledger, grantId, end, ports.clock.now()));
}

/** Of a user who was not known then: whoever comes back for the same integration is taken for the same user. */
async function settledAttempts(ports: RecordPorts, attemptsId: string): Promise<readonly LedgerEntry[]> {
  const ledger = await ports.store.ledgers.read(attemptsId);
  const now = ports.clock.now();
  return (ledger?.entries ?? []).filter((entry) => isSettledForGood(entry, now));
}

/** A session of the release before has no ledger named. */
function ledgerIdOf(session: Session): string {
  return session.ledgerId ?? attemptsIdOf(session.app, session);
}

/** Each write has an id of its own: two processes may settle the same attempt at once, and neither is the other. */
async function write(
  ports: RecordPorts,
  id: string,
  step: string,
  after: (ledger: Ledger | undefined, id: string) => Ledger | undefined,
  persist?: Persistence,
): Promise<void> {
  await change(
    ports.store.ledgers,
    id,
    (current) => {
      const next = after(current, id);
      return next === undefined ? { keep: true, result: undefined } : { write: next, result: undefined };
    },
    { writeId: `${newId(ports.random)}.${step}`, persist },
  );
}
