/**
 * Which alerts belong together: those of an incident (its opening, escalations, end, and what it absorbed). The ids of an
 * incident's later alerts begin with that of its first (`core/watch.ts`).
 *
 * All others begin a thread of their own: a connection that dies again next year must not be an answer beneath its first
 * death, where nobody looks.
 */
import type { Alert } from '../core/alert.ts';

const later = /\.(?:x\d+|resolved|recovered(?:\.[^.]+)?)$/;

export function alertThreadOf({ id }: Pick<Alert, 'id'>): string {
  return id.replace(later, '');
}
