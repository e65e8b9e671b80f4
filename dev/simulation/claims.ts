/**
 * The services that claim: promptly, twice at once, with a wrong claim first, late, just when the session ends, or never.
 * A claim that was answered well is kept.
 */
import type { Functions } from './functions.ts';
import { think } from './think.ts';
import type { World } from './world.ts';

const promise = 'a claim is kept';
const triesAtMost = 3;
const latestMs = 25 * 60_000;

export class Claims {
  readonly #world: World;
  readonly #functions: Functions;

  constructor(world: World, functions: Functions) {
    this.#world = world;
    this.#functions = functions;
  }

  async asServicesDo(sessionId: string, claim: string): Promise<void> {
    const { plan } = this.#world;
    const manner = plan.below(10);
    if (manner === 9) {
      this.#world.count('claim_never');
      return;
    }
    if (manner === 8) await this.#atTheEnd(sessionId);
    if (manner === 7) await this.#late();
    if (manner === 6) await this.guess(sessionId);
    if (manner === 5) void this.#claim(sessionId, claim);
    if (manner > 3)
      this.#world.count(['claim_twice', 'claim_twice', 'claim_wrong', 'claim_late', 'claim_at_end'][manner - 4]!);
    if (manner === 4) await Promise.all([this.#claim(sessionId, claim), this.#claim(sessionId, claim)]);
    else await this.#claim(sessionId, claim);
  }

  /** A claim that nobody gave. */
  async guess(sessionId: string): Promise<void> {
    const ended = await this.#functions.claim(sessionId, 'guessed');
    if (ended.kind !== 'answered' || ended.value === 'wrong' || ended.value === 'unknown') return;
    this.#world.monitor.breaks('no link without a claim', `session ${sessionId} took a claim that was guessed`);
  }

  #late(): Promise<void> {
    return think(this.#world, this.#world.plan.below(latestMs));
  }

  /** When `maintain` comes for what was not claimed. */
  async #atTheEnd(sessionId: string): Promise<void> {
    const world = this.#world;
    const end = world.monitor.sessions.get(sessionId)?.expiresAt ?? 0;
    await think(world, Math.max(0, end - world.now() - 1_500 + world.plan.below(2_000)));
    void this.#functions.maintain();
    await think(world, world.plan.below(600));
  }

  /** Whoever has no answer asks again, a few times. */
  async #claim(sessionId: string, claim: string): Promise<void> {
    const { monitor } = this.#world;
    for (let tries = 0; tries < triesAtMost; tries += 1) {
      const ended = await this.#functions.claim(sessionId, claim);
      if (ended.kind === 'answered') {
        if (typeof ended.value === 'string')
          monitor.breaks(promise, `the claim of ${sessionId} was called ${ended.value}`);
        return;
      }
      await think(this.#world, 1_000);
    }
  }
}
