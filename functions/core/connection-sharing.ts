/**
 * Whose connection it is: the tenants that use it, or are about to. A disconnect takes it from all of them, so one tenant
 * alone may not ask for it where others use it too, unless it says so.
 */
import type { Connection } from './connection.ts';
import type { Problem } from './problem.ts';
import type { IntegrationKey } from './store-port.ts';

/** As many as a store answers at once: beyond them another tenant could hide. */
export const usesReadAtMost = 1_000;

/** Named in a problem. */
const tenantsNamedAtMost = 20;

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
  const { others, more } = sharing;
  const count = `${more ? 'at least ' : ''}${others.length}`;
  const who =
    tenant === undefined
      ? `${count} ${others.length === 1 ? 'tenant uses' : 'tenants use'} connection ${connectionId}`
      : `${count} ${others.length === 1 ? 'tenant' : 'tenants'} besides ${tenant} ${others.length === 1 ? 'uses' : 'use'} connection ${connectionId}`;
  return {
    code: 'connection_shared',
    detail: `${who}, and a disconnect takes it from all. Unlink one integration (DELETE /integrations/{tenant}/{integration}), or repeat with force=true.`,
    members:
      tenant === undefined
        ? { tenant_count: others.length, tenants: others.slice(0, tenantsNamedAtMost) }
        : { other_tenants: others.length },
  };
}

/** Their authorization is stored, and their link is still to be done. */
function tenantsToCome({ duties }: Pick<Connection, 'duties'>): string[] {
  return Object.values(duties).flatMap((duty) => (duty.kind === 'link' ? [duty.tenant] : []));
}
