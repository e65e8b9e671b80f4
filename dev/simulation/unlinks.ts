/** Unlinks as they were asked for and answered: what was linked before one that was answered stays unlinked. */
import type { IntegrationKey } from '../../functions/core/ports.ts';
import type { Functions } from './functions.ts';
import { keyOf } from './ids.ts';
import type { World } from './world.ts';
import { skewAtMostMs } from './write-rules.ts';

const promise = 'an unlink is kept';

export class Unlinks {
  readonly #world: World;
  readonly #functions: Functions;
  /** When each was asked for the first time. */
  readonly #asked = new Map<string, number>();
  /** When the last one that was answered was asked for. */
  readonly #answered = new Map<string, number>();

  constructor(world: World, functions: Functions) {
    this.#world = world;
    this.#functions = functions;
  }

  async unlink(key: IntegrationKey): Promise<void> {
    const askedAt = this.#world.now();
    const text = keyOf(key);
    if (!this.#asked.has(text)) this.#asked.set(text, askedAt);
    const ended = await this.#functions.unlink(key);
    if (ended.kind !== 'answered' || ended.value.kind !== 'unlinked') return;
    this.#world.count('unlinked');
    this.#answered.set(text, Math.max(askedAt, this.#answered.get(text) ?? 0));
  }

  judge(): void {
    const { monitor } = this.#world;
    for (const [text, { status, linkedBy, linkedAt }] of monitor.integrations) {
      const at = this.#answered.get(text);
      if (status === 'unlinked') {
        if (!this.#asked.has(text)) monitor.breaks(promise, `${text} is unlinked, and nobody asked for it`);
      } else if (at !== undefined && linkedAt + skewAtMostMs < at) {
        monitor.breaks(promise, `${text} was unlinked, and is linked by the earlier ${linkedBy}`);
      }
    }
  }
}
