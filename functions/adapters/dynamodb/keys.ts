/** Where each item lies in the table: see `table.ts` for the whole of it. */
import { sha256Hex } from '../../core/hash.ts';
import type { DueDuty, IntegrationKey, KeyPurpose } from '../../core/ports.ts';
import { checkUsername } from './bounds.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export function connectionKey(id: string): ItemKey {
  return { pk: `C#${id}`, sk: 'C' };
}

export function sessionKey(id: string): ItemKey {
  return { pk: `S#${id}`, sk: 'S' };
}

export function integrationKey(key: IntegrationKey): ItemKey {
  return { pk: useSortKey(key), sk: 'I' };
}

export function useKey(connectionId: string, use: IntegrationKey): ItemKey {
  return { pk: connectionKey(connectionId).pk, sk: useSortKey(use) };
}

/** What the sort keys of a connection's uses begin with; the last `#` keeps tenant `a` from finding `a.b`. */
export function usePrefix(tenant?: string): string {
  return tenant === undefined ? 'I#' : `I#${label('tenant', tenant)}#`;
}

/** @param id a connection id, or `attemptsIdOf` an integration */
export function ledgerKey(id: string): ItemKey {
  return { pk: `L#${id}`, sk: 'L' };
}

/**
 * By the name's hash: a name may hold any character and names a person, and keys stand in errors and metrics.
 *
 * @throws RangeError unless the name has 1 to 256 characters
 */
export function usernameKey(app: string, username: string): ItemKey {
  checkUsername(username);
  return { pk: `U#${label('app', app)}#${sha256Hex(username.toLowerCase())}`, sk: 'U' };
}

export function dataKeyKey(orgId: string, purpose: KeyPurpose): ItemKey {
  return { pk: `K#${orgId}`, sk: purpose };
}

/** Of a key that another has followed; it opens what was sealed before. */
export function retiredDataKeyKey(orgId: string, purpose: KeyPurpose, id: string): ItemKey {
  return { pk: `K#${orgId}`, sk: `${purpose}#${id}` };
}

export function appKey(app: string): ItemKey {
  return { pk: `A#${app}`, sk: 'A' };
}

export function introductionKey(id: string): ItemKey {
  return { pk: `B#${id}`, sk: 'B' };
}

export function incidentKey(id: string): ItemKey {
  return { pk: `N#${id}`, sk: 'N' };
}

/** @param id `orgWatchId` or `fleetWatchId` */
export function watchKey(id: string): ItemKey {
  return { pk: `W#${id}`, sk: 'W' };
}

/** Of the readers of an org that wait in one minute. */
export function readersKey(orgId: string, period: number): ItemKey {
  return { pk: `R#${label('orgId', orgId)}#${period}`, sk: 'R' };
}

/** The one that says whose items the table holds. */
export const itemKeyOfTable: ItemKey = { pk: 'T#identity', sk: 'T' };

/** Where an item that holds duties lies. */
export function dutyHolderKey({ holder, id }: Pick<DueDuty, 'holder' | 'id'>): ItemKey {
  switch (holder) {
    case 'connection':
      return connectionKey(id);
    case 'session':
      return sessionKey(id);
    case 'app':
      return appKey(id);
    case 'incident':
      return incidentKey(id);
    case 'watch':
      return watchKey(id);
  }
}

/** Who holds the duty that an index row's `pk` stands for, or `undefined` where it is no holder of duties. */
export function dutyHolderOf(pk: string): Pick<DueDuty, 'holder' | 'id'> | undefined {
  if (pk.startsWith('C#')) return { holder: 'connection', id: pk.slice(2) };
  if (pk.startsWith('S#')) return { holder: 'session', id: pk.slice(2) };
  if (pk.startsWith('A#')) return { holder: 'app', id: pk.slice(2) };
  if (pk.startsWith('N#')) return { holder: 'incident', id: pk.slice(2) };
  if (pk.startsWith('W#')) return { holder: 'watch', id: pk.slice(2) };
  return undefined;
}

function useSortKey({ tenant, integration }: IntegrationKey): string {
  return `${usePrefix(tenant)}${label('integration', integration)}`;
}

/** Two labels that share a key would be two customers that share a connection: nothing but a bug gets here. */
function label(name: string, value: string): string {
  if (value === '' || value.includes('#')) {
    throw new RangeError(`${name} must match [A-Za-z0-9._-]{1,128} before it reaches the store; got ${value}`);
  }
  return value;
}
