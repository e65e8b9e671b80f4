/** What ids tell: the integration that a key names, the process that drew an id. */
import type { IntegrationKey } from '../../functions/core/ports.ts';

export function keyOf({ tenant, integration }: IntegrationKey): string {
  return `${tenant}/${integration}`;
}

/** Ids are made of the process and its draws (`processRandom`). */
export function processOf(id: string): number {
  return Buffer.from(id, 'base64url').readUInt32BE(0);
}
