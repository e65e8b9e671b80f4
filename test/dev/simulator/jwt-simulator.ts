/** A simulator with an app that logs in by assertions, and two keys that sign them. */
import assert from 'node:assert/strict';
import { type AssertionChanges, assertionOf, certifiedKey, jwtApp, sendAssertion } from './certified-key.ts';
import { secretApp, simulate } from './client.ts';

export const [key, otherKey] = await Promise.all([certifiedKey(), certifiedKey()]);
export const app = { ...jwtApp, certificates: [key.certificate] };
export const apps = [secretApp, app];

export function simulateJwt(options: Parameters<typeof simulate>[0] = {}) {
  const { simulator, clock } = simulate({ apps, ...options });
  const ask = (changes?: AssertionChanges) => sendAssertion(simulator, assertionOf(key, clock.ms, changes));
  return { simulator, clock, ask };
}

export async function accessOf(reply: ReturnType<typeof sendAssertion>): Promise<string> {
  const { status, body } = await reply;
  assert.equal(status, 200, JSON.stringify(body));
  return String(body.access_token);
}
