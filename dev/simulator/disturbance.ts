/**
 * What goes wrong around an endpoint rather than in it: Salesforce is down, or answers a set error without processing.
 */
import { maintenancePage, unavailablePage } from './authorize-page.ts';
import { type Answer, type Context, identityError, oauthError, restError } from './endpoint.ts';
import type { Endpoint } from './request-log.ts';
import type { NextError, Switches } from './switches.ts';

/** The answer in place of processing, if the switches have one. A set error is used up. */
export function disturbance({ switches }: Context, endpoint: Endpoint): Answer | undefined {
  if (switches.html503) return { response: unavailablePage(), outcome: 'html 503' };
  if (switches.maintenance) return { response: maintenancePage(), outcome: 'maintenance' };
  const next = takeNextError(switches, endpoint);
  return next && answerOf(next);
}

function answerOf({ endpoint, error, error_description, status = 400 }: NextError): Answer {
  if (endpoint === 'identity') return identityError(status, error);
  if (endpoint === 'rest') return restError(status, error, error_description);
  return oauthError(error, error_description, {}, status);
}

/** What a client's `fetch` throws where the connection breaks before the answer. */
export function connectionReset(): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  return new TypeError('fetch failed', { cause });
}

export function isConnectionReset(error: unknown): boolean {
  return error instanceof TypeError && (error.cause as { code?: unknown } | undefined)?.code === 'ECONNRESET';
}

function takeNextError(switches: Switches, endpoint: Endpoint): NextError | undefined {
  const index = switches.nextErrors.findIndex((candidate) => candidate.endpoint === endpoint);
  if (index < 0) return undefined;
  const next = switches.nextErrors[index];
  switches.nextErrors = switches.nextErrors.toSpliced(index, 1);
  return next;
}
