/** What a dead connection truly died of: by Salesforce's own books, and by what the scenario did to it. */
import type { Connection } from '../../functions/core/connection.ts';
import { evictorOf, type Grant } from '../simulator/grant-book.ts';
import type { World } from './world.ts';

/** Causes that Salesforce's books tell apart only by who acted, or by which policy was set. */
export interface Doings {
  /** Grants that an act of the scenario ended, by user. */
  readonly byUser: Map<string, string>;
  /** The policy of refresh tokens. */
  policy: string;
}

export async function truthOf(world: World, connection: Connection, doings: Doings): Promise<string> {
  const { simulator } = world;
  const { userId } = connection;
  const known = await grantAtSalesforce(world, connection);
  if (evictorOf(known) !== undefined) return 'grant_limit';
  switch (known.endedBy) {
    case 'expired':
      return doings.policy;
    case 'admin':
      return doings.byUser.get(userId) ?? 'revoked_or_unknown';
    case 'replay':
      return 'lost_response';
    default:
      // The grant lives on: the user was kept out, or our token of it was rotated out by an answer that was lost.
      return simulator.books.person(userId)?.user.locked === true
        ? 'user_deactivated_or_password_changed'
        : 'lost_response';
  }
}

/** The grant in Salesforce's books that a connection's is: by the fingerprint that both keep. */
export async function grantAtSalesforce({ simulator, ports }: World, { id, grant }: Connection): Promise<Grant> {
  const ledger = await ports.store.ledgers.read(id);
  const fingerprint = ledger?.entries.find((entry) => entry.id === grant?.id)?.fingerprint;
  const known = fingerprint === undefined ? undefined : simulator.books.grantOfFingerprint(fingerprint);
  if (known === undefined) throw new Error(`Salesforce's books have no grant of ${id}.`);
  return known;
}
