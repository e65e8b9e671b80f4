/**
 * Whose connection it is: the tenants that use it, or are about to. A disconnect takes it from all of them, so one tenant
 * alone may not ask for it where others use it too, unless it says so.
 */
import type { Connection } from './connection.ts';
import type { Problem } from './problem.ts';
import type { IntegrationKey } from './store-port.ts';

/** As many as a store answers at once: beyond them another tenant could hide. */
export const usesReadAtMost = 1_000;

/** In a problem, to whoever speaks for all tenants. */
const tenantsNamedAtMost = 10;

export interface Sharing {
  /** All that are known, but the one that asks. */
  readonly others: readonly string[];
  /** There are more uses than were read: who they are is not known. */
  readonly more: boolean;
}

/**
 * `undefined`: nobody else uses it.
 *
 * @param uses at most `usesReadAtMost`
 * @param tenant that asks; absent: a service that speaks for all tenants, for whom one tenant is nobody else
 */
export function sharingOf(
  connection: Pick<Connection, 'duties'>,
  uses: readonly IntegrationKey[],
  tenant: string | undefined,
): Sharing | undefined {
  const tenants = new Set([...uses.map((use) => use.tenant), ...tenantsToCome(connection)]);
  const others = [...tenants].filter((one) => one !== tenant).sort();
  const more = uses.length >= usesReadAtMost;
  const shared = more || others.length > (tenant === undefined ? 1 : 0);
  return shared ? { others, more } : undefined;
}

/** A tenant that asks learns how many others there are, and not who. */
export function connectionShared(connectionId: string, sharing: Sharing, tenant: string | undefined): Problem {
  const remedy =
    'a disconnect would take it from all. Unlink single integrations by DELETE /integrations/{tenant}/{integration}, or repeat with force=true.';
  return {
    code: 'connection_shared',
    detail: `Connection ${connectionId} is used by ${usersOf(sharing, tenant)}: ${remedy}`,
    members: { other_tenants: countOf(sharing, tenant) },
  };
}

/** Whoever speaks for all tenants is told of one less: two tenants are others to each other. */
function countOf({ others }: Sharing, tenant: string | undefined): number {
  return Math.max(1, tenant === undefined ? others.length - 1 : others.length);
}

function usersOf({ others, more }: Sharing, tenant: string | undefined): string {
  if (tenant === undefined) {
    const named = others.slice(0, tenantsNamedAtMost).join(', ');
    return more || others.length > tenantsNamedAtMost ? `the tenants ${named} and more` : `the tenants ${named}`;
  }
  if (more) return `more than ${usesReadAtMost - 1} integrations, other tenants' maybe among them`;
  return `${others.length} other ${others.length === 1 ? 'tenant' : 'tenants'} too`;
}

/** Their authorization is stored, and their link is still to be done. */
function tenantsToCome({ duties }: Pick<Connection, 'duties'>): string[] {
  return Object.values(duties).flatMap((duty) => (duty.kind === 'link' ? [duty.tenant] : []));
}
