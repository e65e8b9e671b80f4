/**
 * Revoking at Salesforce what we do not keep (facts §7, RFC 7009). `invalid_token` counts as revoked; failures are
 * tried again for seven days.
 */
import * as z from 'zod/mini';
import { backoffMs } from './cadence.ts';
import type { RevokeDuty } from './duty.ts';
import type { RawAnswer } from './ports.ts';

/** The cause of the alert that says so. */
export const revocationGivenUp = 'revocation_given_up';
const revocationGivenUpMs = 7 * 24 * 3_600_000;

export function isRevoked(answer: RawAnswer): boolean {
  if (answer.kind === 'no_answer') return false;
  if (answer.status === 200) return true;
  return answer.status === 400 && errorOf(answer.body.reveal()) === 'invalid_token';
}

/** JSON, or form-encoded as Salesforce sometimes answers. */
function errorOf(body: string): string | undefined {
  try {
    const parsed = z.object({ error: z.string() }).safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.error : undefined;
  } catch {
    return new URLSearchParams(body).get('error') ?? undefined;
  }
}

/** Never while a refresh of that grant may be in flight: its answer could bring a token newer than the duty's. */
export function mayRevoke(duty: RevokeDuty, now: number): boolean {
  return duty.lease === undefined || duty.lease.until <= now;
}

export function isGivenUp(duty: RevokeDuty, now: number): boolean {
  return now - duty.since > revocationGivenUpMs;
}

/** The next try; nobody else takes it until then. */
export function taken<D extends { dueAt: number; tries: number }>(duty: D, now: number, fraction: number): D {
  return { ...duty, tries: duty.tries + 1, dueAt: now + 60_000 + backoffMs(duty.tries, fraction) };
}
