/**
 * What happened to connections, for the console: read off their writes as they pass, so that it is what the store took.
 *
 * Holds no token: only ids, statuses, counts and what Salesforce called its error.
 */
import type { Connection } from '../../functions/core/connection.ts';
import type { Clock, Collection, IntegrationKey, Store } from '../../functions/core/ports.ts';
import { createMinutesByOrg, type OrgMinutes, type Outcome } from './org-minutes.ts';

export interface ActivityEntry {
  /** Counts up; the console asks for what is newer. */
  readonly number: number;
  readonly at: number;
  readonly connectionId: string;
  readonly kind: 'authorized' | 'refreshed' | 'refresh_failed' | 'status' | 'linked';
  readonly text: string;
}

export interface Activity {
  /** The newest 200, oldest first. */
  entries(): readonly ActivityEntry[];
  /** From when on this was watched: what happened before a restart is not kept. */
  readonly since: number;
  /** How the refreshes of each org went in the last hour. */
  minutes(): readonly OrgMinutes[];
  /** The same store, watched. */
  watch(store: Store): Store;
}

const keptEntries = 200;

/** @param onLinked called for each integration that a connection is linked to */
export function createActivity(clock: Clock, onLinked: (connectionId: string) => void = () => {}): Activity {
  const since = clock.now();
  const minutes = createMinutesByOrg();
  const kept: ActivityEntry[] = [];
  let count = 0;
  const add = (connectionId: string, kind: ActivityEntry['kind'], text: string) => {
    count += 1;
    kept.push({ number: count, at: clock.now(), connectionId, kind, text });
    if (kept.length > keptEntries) kept.shift();
  };

  const changed = (before: Connection | undefined, after: Connection) => {
    for (const [kind, text] of changes(before, after)) add(after.id, kind, text);
    const outcome = outcomeOf(before, after);
    if (outcome !== undefined) minutes.add(after.orgId, outcome, clock.now());
  };
  const watchConnections = (inner: Collection<string, Connection>): Collection<string, Connection> => ({
    read: (key) => inner.read(key),
    create: async (item) => {
      const written = await inner.create(item);
      if (written === 'written') changed(undefined, item);
      return written;
    },
    replace: async (before, after) => {
      const written = await inner.replace(before, after);
      if (written === 'written') changed(before, after);
      return written;
    },
  });
  return {
    entries: () => kept,
    since,
    minutes: () => minutes.lately(clock.now()),
    watch: (store) =>
      overriding(store, {
        connections: watchConnections(store.connections),
        addUse: async (connectionId: string, use: IntegrationKey) => {
          await store.addUse(connectionId, use);
          add(connectionId, 'linked', `linked to ${use.tenant}/${use.integration}`);
          onLinked(connectionId);
        },
      }),
  };
}

function changes(before: Connection | undefined, after: Connection): [ActivityEntry['kind'], string][] {
  const found: [ActivityEntry['kind'], string][] = [];
  const [was, is] = [before?.grant, after.grant];
  if (is !== undefined && is.id !== was?.id) {
    found.push(['authorized', was === undefined ? 'first grant stored' : 'newer grant stored']);
  } else if (is !== undefined && was !== undefined && is.refreshes > was.refreshes) {
    found.push(['refreshed', `refresh ${is.refreshes} of the grant`]);
  }
  if (is?.lastFailure !== undefined && is.lastFailure.at !== was?.lastFailure?.at) {
    const { class: failureClass, error, description } = is.lastFailure;
    found.push(['refresh_failed', `${failureClass}: ${error}${description === '' ? '' : ` (${description})`}`]);
  }
  if (before !== undefined && before.status !== after.status) {
    const cause = after.cause === undefined ? '' : ` (${after.cause})`;
    found.push(['status', `${before.status} → ${after.status}${cause}`]);
  }
  return found;
}

/** What a write settled of a refresh, if it settled one. A new authorization is none. */
function outcomeOf(before: Connection | undefined, after: Connection): Outcome | undefined {
  const [was, is] = [before?.grant, after.grant];
  if (was === undefined || is === undefined || was.id !== is.id) return undefined;
  if (is.refreshes > was.refreshes) return 'refreshed';
  if (is.lastFailure === undefined || is.lastFailure.at === was.lastFailure?.at) return undefined;
  const died = after.status === 'reauthorization_required' && before?.status !== after.status;
  return died ? 'died' : 'failed';
}

/** `base` with some members replaced; the others keep their `this`. */
function overriding<T extends object>(base: T, members: Partial<T>): T {
  return new Proxy(base, {
    get: (target, name) => {
      if (Object.hasOwn(members, name)) return members[name as keyof T];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
