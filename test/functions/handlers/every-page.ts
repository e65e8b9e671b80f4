/** Every page that a customer may see, by name, with sessions made for it; for the unit tests and for Chromium. */

import { authorizationError, knownAuthorizationErrors } from '../../../functions/core/authorization-error.ts';
import type { Brand } from '../../../functions/core/brand.ts';
import { checkCodeAnswer, wrongSignature } from '../../../functions/core/check-code-answer.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { HttpResponse } from '../../../functions/core/http.ts';
import { Secret } from '../../../functions/core/secret.ts';
import type { Session, SessionError } from '../../../functions/core/session.ts';
import { disconnectedMeanwhile, lostResponse, overtaken } from '../../../functions/core/session-step.ts';
import { worded } from '../../../functions/handlers/failure-words.ts';
import { createPages } from '../../../functions/handlers/pages.ts';

export const now = Date.parse('2026-11-21T09:00:00Z');

const pending: Session = {
  version: 1,
  revision: 1,
  writeId: 'started',
  id: 'a'.repeat(64),
  app: 'crm',
  tenant: 'acme',
  integration: 'sync',
  loginUrl: 'https://login.salesforce.com',
  createdAt: now - 60_000,
  expiresAt: now + 14 * 60_000,
  status: 'pending',
  duties: {},
};

export const foundOrg = '00D5g000004aCmeEAE';
export const expectedOrg = '00D8d00000GloBxEAM';

/** As the core makes it, where it exports none. */
export function errorOf(code: string): SessionError {
  if (knownAuthorizationErrors.includes(code)) return authorizationError(code);
  const made = [lostResponse, disconnectedMeanwhile, overtaken, wrongSignature, ...refusals()].find(
    (error) => error.code === code,
  );
  return made ?? { code, detail: `Detail of ${code}.`, remedy: `Remedy of ${code}.` };
}

export function failed(error: SessionError): Session {
  return { ...pending, status: 'failed', error };
}

export async function everyPage(brand?: Brand): Promise<Record<string, HttpResponse>> {
  const pages = createPages(brand);
  const shown = (change: Partial<Session>) => pages.outcome({ ...pending, ...change }, now);
  const failures = worded.filter((code) => code !== 'unclaimed').map((code) => [code, shown(failed(errorOf(code)))]);
  const attempt = { id: 'attempt', begunAt: now };
  return {
    connected: shown({ status: 'connected', connectionId: 'crm.org.user' }),
    signed_in: shown({ status: 'signed_in' }),
    authorized: shown({ status: 'authorized', claim: true }),
    claimed: shown({ status: 'authorized', claim: true, claimedAt: now }),
    exchanging: shown({ status: 'exchanging', attempt }),
    expired: shown({ expiresAt: now }),
    not_in_configuration: shown({}),
    unclaimed: shown({ status: 'authorized', claim: true, expiresAt: now }),
    unheard_of: shown(failed({ code: 'brand_new', detail: 'Something new happened.', remedy: 'Open a new link.' })),
    unknown_link: pages.unknownLink(),
    foreign_browser: pages.foreignBrowser(),
    outdated_state: pages.outdatedState(),
    malformed_callback: pages.malformedCallback(),
    unavailable: await pages.whileUnavailable(() => Promise.reject(new StoreUnavailableError('gone'))),
    ...Object.fromEntries(failures),
  };
}

function refusals(): SessionError[] {
  const host = 'https://login.salesforce.com';
  const good = {
    accessToken: new Secret('access'),
    refreshToken: new Secret('refresh'),
    id: `${host}/id/${foundOrg}/0055g00000AdaLvAAJ`,
    instanceUrl: 'https://acme.my.salesforce.com',
  };
  const checks = [
    checkCodeAnswer({ ...good, id: undefined }, {}),
    checkCodeAnswer({ ...good, instanceUrl: 'https://acme.example' }, {}),
    checkCodeAnswer({ ...good, refreshToken: undefined }, {}),
    checkCodeAnswer(good, { orgId: expectedOrg }),
    checkCodeAnswer(good, { userId: '0058d00000AlnTgAAN' }),
  ];
  return checks.flatMap((check) => (check.kind === 'refused' ? [check.error] : []));
}
