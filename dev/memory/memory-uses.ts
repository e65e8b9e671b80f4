/** Which integrations use a connection: the twin of the DynamoDB adapter's uses, on the same keys. */
import { checkLimit, maxUsesLimit } from '../../functions/adapters/dynamodb/bounds.ts';
import { connectionKey, useKey, usePrefix } from '../../functions/adapters/dynamodb/keys.ts';
import type { IntegrationKey } from '../../functions/core/ports.ts';
import { byCodeUnit } from './by-code-unit.ts';

/** Uses by their connection's key and their own, as in the table. */
export class MemoryUses {
  readonly #uses = new Map<string, IntegrationKey>();

  add(connectionId: string, { tenant, integration }: IntegrationKey): void {
    this.#uses.set(this.#path(connectionId, { tenant, integration }), { tenant, integration });
  }

  remove(connectionId: string, use: IntegrationKey): void {
    this.#uses.delete(this.#path(connectionId, use));
  }

  of(connectionId: string, limit: number, tenant?: string): IntegrationKey[] {
    checkLimit(limit, maxUsesLimit);
    const { pk } = connectionKey(connectionId);
    const prefix = `${pk}/${usePrefix(tenant)}`;
    const found = [...this.#uses].filter(([path]) => path.startsWith(prefix)).sort(([a], [b]) => byCodeUnit(a, b));
    return found.slice(0, limit).map(([, use]) => ({ ...use }));
  }

  entries(): Iterable<[string, IntegrationKey]> {
    return this.#uses.entries();
  }

  #path(connectionId: string, use: IntegrationKey): string {
    const { pk, sk } = useKey(connectionId, use);
    return `${pk}/${sk}`;
  }
}
