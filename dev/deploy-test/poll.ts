/** Waits for what others do: asks again and again, until a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';

const intervalMs = 250;

/** The first answer that is not `undefined`. Throws where there is none in time, or the probe throws. */
export async function until<T>(what: string, withinMs: number, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() >= deadline) throw new Error(`Waited ${withinMs / 1000} s in vain: ${what}.`);
    await sleep(intervalMs);
  }
}
