/** Whose username is whose: the twin of the DynamoDB adapter's usernames, on the same keys. */
import { usernameKey } from '../../functions/adapters/dynamodb/keys.ts';

/** Connection ids by the key of their username. */
export class MemoryUsernames {
  readonly #connections = new Map<string, string>();

  remember(app: string, username: string, connectionId: string): void {
    this.#connections.set(usernameKey(app, username).pk, connectionId);
  }

  connectionOf(app: string, username: string): string | undefined {
    return this.#connections.get(usernameKey(app, username).pk);
  }

  entries(): Iterable<[string, string]> {
    return this.#connections.entries();
  }
}
