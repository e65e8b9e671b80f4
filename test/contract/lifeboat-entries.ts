/** Entries of every kind, as the flows make them. */
import type { CodeEntry, DutyEntry, RefreshEntry } from '../../functions/core/lifeboat.ts';

export const connectionA = 'crm.00D000000000001AAA.005000000000001AAA';
export const connectionB = 'crm.00D000000000001AAA.005000000000002AAA';

export function refreshEntry(attemptId: string, change: Partial<RefreshEntry> = {}): RefreshEntry {
  return {
    version: 1,
    kind: 'refresh',
    connectionId: connectionA,
    attemptId,
    at: 1_000,
    attempt: {
      id: attemptId,
      generation: { grantId: 'grant-1', refreshes: 3 },
      loginUrl: 'https://login.salesforce.com',
    },
    made: {
      accessToken: 'sealed-access',
      accessTokenSha256: 'a'.repeat(64),
      refreshToken: 'sealed-refresh',
      issuedAt: 1_000,
      expiresAt: 7_201_000,
      refreshAfter: 5_401_000,
      instanceUrl: 'https://example.my.salesforce.com',
      rotated: true,
      identityChanged: false,
    },
    ...change,
  };
}

export function codeEntry(attemptId: string, change: Partial<CodeEntry> = {}): CodeEntry {
  return {
    version: 1,
    kind: 'code',
    connectionId: connectionA,
    attemptId,
    at: 1_000,
    authorization: {
      connectionId: connectionA,
      app: 'crm',
      orgId: '00D000000000001AAA',
      userId: '005000000000001AAA',
      flow: 'authorization_code',
      authorizedAt: 900,
      begunAt: 800,
      grant: {
        id: attemptId,
        refreshes: 0,
        madeBy: attemptId,
        accessToken: 'sealed-access',
        accessTokenSha256: 'b'.repeat(64),
        refreshToken: 'sealed-refresh',
        ownKeys: { session: 'session-1', access: 'wrapped-access', refresh: 'wrapped-refresh' },
        issuedAt: 900,
        refreshedAt: 1_000,
        expiresAt: 7_200_900,
        refreshAfter: 5_400_900,
        scopes: ['api', 'refresh_token'],
        instanceUrl: 'https://example.my.salesforce.com',
        loginUrl: 'https://login.salesforce.com',
        attempts: [],
        failures: 0,
      },
      link: { sessionId: 'session-1', tenant: 'acme', integration: 'contacts' },
    },
    ...change,
  };
}

export function dutyEntry(attemptId: string, change: Partial<DutyEntry> = {}): DutyEntry {
  return {
    version: 1,
    kind: 'duty',
    connectionId: connectionA,
    attemptId,
    at: 1_000,
    sessionId: 'session-1',
    error: { code: 'wrong_org', detail: 'Another org came back.', remedy: 'Log in to the expected org.' },
    duty: {
      kind: 'revoke',
      grantId: attemptId,
      refreshes: 0,
      token: 'sealed-refresh',
      tokenPurpose: 'refresh',
      ownKeys: { session: 'session-1', access: 'wrapped-access', refresh: 'wrapped-refresh' },
      loginUrl: 'https://login.salesforce.com',
      attempts: [],
      reason: 'refused',
      since: 1_000,
      dueAt: 1_000,
      tries: 0,
    },
    ...change,
  };
}
