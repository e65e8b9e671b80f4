/**
 * Does what earlier writes owe: links, revocations, alerts. Called by whoever wrote them, right away, and by
 * `maintain` for what was left behind by a death or a failure.
 *
 * A duty is taken by moving its `dueAt` on (conditional, so one worker has it at a time), done, and removed only if it
 * is still as it was done. Doing one twice does no harm.
 */
import { composeAlert } from '../core/compose-alert.ts';
import type { Connection, Versioned } from '../core/connection.ts';
import type { AlertDuty, Duty, LinkDuty, RevokeDuty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import type { Collection, Ports } from '../core/ports.ts';
import { isGivenUp, isRevoked, mayRevoke, taken } from '../core/revocation.ts';
import type { Session } from '../core/session.ts';
import { connect } from '../core/session-step.ts';
import { change } from './change.ts';
import { configureIntegration, linkIntegration } from './link-integration.ts';
import type { Vault } from './vault.ts';

export type DutyPorts = Pick<
  Ports,
  'clock' | 'random' | 'store' | 'salesforce' | 'alerts' | 'configurationStep' | 'log' | 'metrics'
>;

export interface DutyFilter {
  /** Those of this process's own write: done at once, whatever their `dueAt`. */
  readonly now?: readonly string[];
  /** Absent: all that are due. */
  readonly only?: readonly string[];
}

interface Holder extends Versioned {
  readonly id: string;
  readonly duties: Readonly<Record<string, Duty>>;
}

const revokeTimeoutMs = 10_000;

/** The duties of a connection that are due; answers the connection as it stands afterwards. */
export async function doConnectionDuties(
  ports: DutyPorts,
  vault: Vault | undefined,
  connection: Connection,
  filter: DutyFilter = {},
): Promise<Connection> {
  let current = connection;
  for (const id of dueIds(connection, ports.clock.now(), filter)) {
    current = await doOne(ports, ports.store.connections, current, id, (item, duty) =>
      actOnConnection(ports, vault, item, duty),
    );
  }
  return current;
}

export async function doSessionDuties(
  ports: DutyPorts,
  vault: Vault,
  session: Session,
  filter: DutyFilter = {},
): Promise<Session> {
  let current = session;
  for (const id of dueIds(session, ports.clock.now(), filter)) {
    current = await doOne(ports, ports.store.sessions, current, id, (item, duty) =>
      duty.kind === 'revoke'
        ? revoke(ports, vault, duty, undefined, sealedFor(item.id))
        : Promise.resolve<Outcome>('done'),
    );
  }
  return current;
}

/** In whose name a refused grant's token is sealed: there is no connection for it. */
export function sealedFor(sessionId: string): string {
  return `session.${sessionId}`;
}

type Outcome = 'done' | 'later';

function dueIds(holder: Holder, now: number, { now: own = [], only }: DutyFilter): string[] {
  return Object.entries(holder.duties)
    .filter(([id]) => only === undefined || only.includes(id))
    .filter(([id, duty]) => own.includes(id) || duty.dueAt <= now)
    .map(([id]) => id);
}

async function doOne<Item extends Holder>(
  ports: DutyPorts,
  collection: Collection<string, Item>,
  seen: Item,
  id: string,
  act: (item: Item, duty: Duty) => Promise<Outcome>,
): Promise<Item> {
  const before = seen.duties[id];
  if (before === undefined) return seen;
  const step = newId(ports.random);
  const fraction = ports.random.fraction();
  const { result: duty, item } = await change<string, Item, Duty | undefined>(
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
  if (item === undefined || duty === undefined) return item ?? seen;
  if ((await act(item, duty)) === 'later') return item;
  const removed = await change<string, Item, undefined>(
    collection,
    seen.id,
    (current) => {
      const open = current?.duties[id];
      if (current === undefined || open === undefined || !isSameWork(open, duty))
        return { keep: true, result: undefined };
      const { [id]: _done, ...duties } = current.duties;
      return { write: { ...current, duties }, result: undefined };
    },
    { writeId: `${step}.done`, seen: item },
  );
  return removed.item ?? item;
}

/** A revocation duty whose token was replaced while the old one was revoked is not done. */
function isSameWork(open: Duty, done: Duty): boolean {
  return open.kind !== 'revoke' || done.kind !== 'revoke' || open.token === done.token;
}

function actOnConnection(
  ports: DutyPorts,
  vault: Vault | undefined,
  connection: Connection,
  duty: Duty,
): Promise<Outcome> {
  switch (duty.kind) {
    case 'link':
      return link(ports, connection, duty);
    case 'revoke':
      return vault === undefined ? Promise.resolve('later') : revoke(ports, vault, duty, connection, connection.id);
    case 'alert':
      return publish(ports, connection, duty);
  }
}

async function link(ports: DutyPorts, connection: Connection, duty: LinkDuty): Promise<Outcome> {
  const { tenant, integration, sessionId, since } = duty;
  const session = await ports.store.sessions.read(sessionId);
  const linked = await linkIntegration(ports, {
    tenant,
    integration,
    connectionId: connection.id,
    configuration: session?.configuration,
    by: sessionId,
    at: since,
  });
  await change(
    ports.store.sessions,
    sessionId,
    (current) => {
      const after = current && connect(current, connection.id);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${sessionId}.connected` },
  );
  if (linked !== undefined) await configureIntegration(ports, linked);
  return 'done';
}

async function revoke(
  ports: DutyPorts,
  vault: Vault,
  duty: RevokeDuty,
  connection: Connection | undefined,
  sealedUnder: string,
): Promise<Outcome> {
  const now = ports.clock.now();
  // By grant, not by token: the stored grant is never revoked here.
  if (connection?.grant?.id === duty.grantId) return 'done';
  if (!mayRevoke({ ...duty, dueAt: now }, now)) return 'later';
  if (isGivenUp(duty, now)) {
    ports.log.error('A revocation was given up after seven days; end the session in Salesforce Setup.', {
      grant_id: duty.grantId,
    });
    return 'done';
  }
  const context = { connectionId: sealedUnder, grantId: duty.grantId, purpose: duty.tokenPurpose };
  const token = await vault.open(duty.token, duty.ownKeys, connection?.orgId, context);
  const revoked = isRevoked(await ports.salesforce.revoke(duty.loginUrl, token, revokeTimeoutMs));
  ports.log.info(revoked ? 'A grant was revoked.' : 'A revocation failed; it is tried again.', {
    grant_id: duty.grantId,
    reason: duty.reason,
  });
  ports.metrics.add(revoked ? 'Revoked' : 'RevocationFailed', 1);
  return revoked ? 'done' : 'later';
}

async function publish(ports: DutyPorts, connection: Connection, duty: AlertDuty): Promise<Outcome> {
  await ports.alerts.publish(composeAlert(connection, duty));
  ports.metrics.add('AlertsPublished', 1);
  return 'done';
}
