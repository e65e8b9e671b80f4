/** The third chapter: services that were granted one app are held to it, by IAM where it sees the app, else by the handlers. */
import assert from 'node:assert/strict';
import { returnTo } from './customer.ts';
import type { Json } from './deployed-api.ts';
import type { LoopbackAnswer } from './loopback-request.ts';
import type { Credentials } from './signed-request.ts';
import { first, integrationPathOf, type Story, tokenPathOf } from './story.ts';

export interface LimitedServices {
  /** `grantRead` and `grantConnect` of `crm`. */
  readonly crm: Credentials;
  /** `grantAdmin` of `crm-login`. */
  readonly login: Credentials;
}

export async function tellOfCallers(story: Story, { crm, login }: LimitedServices, connectionId: string) {
  const { api, step } = story;
  const configuration = { configuration: { object: 'Account' } };
  const session = { ...first, return_to: returnTo };
  const sessionId = await step('a service that was granted crm: may what it was granted', async () => {
    const answered = (method: string, path: string, body?: Json) => api.signed(crm, method, path, body);
    assertStatus(await answered('GET', tokenPathOf(connectionId)), 200);
    assertStatus(await answered('GET', `/connections/${connectionId}?tenant=acme`), 200);
    assert.deepEqual(idsIn(await answered('GET', '/connections')), [connectionId]);
    assertStatus(await answered('GET', integrationPathOf(first)), 200);
    assertStatus(await answered('POST', '/connect-sessions', session), 200);
    const begun = await answered('POST', '/connect-sessions', { ...session, integration: 'never-finished' });
    assertStatus(begun, 201);
    const { session_id: id } = JSON.parse(begun.body);
    assertStatus(await answered('GET', `/connect-sessions/${id}`), 200);
    return String(id);
  });

  await step('and no more: not what it was not granted (IAM), no other app (handlers)', async () => {
    const answered = (method: string, path: string, body?: Json) => api.signed(crm, method, path, body);
    assertRefusedByIam(await answered('DELETE', `/connections/${connectionId}`));
    assertRefusedByIam(await answered('DELETE', integrationPathOf(first)));
    assertForbidden(await answered('GET', '/connections?app=crm-login'));
    assertForbidden(await answered('POST', '/connect-sessions', { ...session, app: 'crm-login' }));
  });

  await step('a service that was granted another app: 403 for all of crm', async () => {
    const answered = (method: string, path: string, body?: Json) => api.signed(login, method, path, body);
    assert.deepEqual(idsIn(await answered('GET', '/connections')), [], 'a list of all is of its own apps');
    assertRefusedByIam(await answered('GET', tokenPathOf(connectionId)));
    assertRefusedByIam(await answered('GET', `/connections/${connectionId}`));
    assertRefusedByIam(await answered('DELETE', `/connections/${connectionId}`));
    assertForbidden(await answered('GET', '/connections?app=crm'));
    assertForbidden(await answered('POST', '/connect-sessions', session));
    assertForbidden(await answered('GET', `/connect-sessions/${sessionId}`));
    assertForbidden(await answered('POST', `/connect-sessions/${sessionId}/claim`, { claim: 'any' }));
    assertForbidden(await answered('GET', integrationPathOf(first)));
    assertForbidden(await answered('PUT', `${integrationPathOf(first)}/configuration`, configuration));
    assertForbidden(await answered('DELETE', integrationPathOf(first)));
    const shown = await api.call(200, 'GET', integrationPathOf(first));
    assert.equal(shown.status, 'configured', 'nothing was changed by it');
  });
}

function assertStatus({ status, body }: LoopbackAnswer, wanted: number): void {
  assert.equal(status, wanted, body.slice(0, 500));
}

function idsIn(answer: LoopbackAnswer): unknown[] {
  assertStatus(answer, 200);
  return JSON.parse(answer.body).connections.map(({ id }: { id: unknown }) => id);
}

/** The handlers answer a problem, with a code. */
function assertForbidden(answer: LoopbackAnswer): void {
  assertStatus(answer, 403);
  assert.match(answer.body, /"code":"forbidden"/);
}

/** The gateway answers with a message and no code. */
function assertRefusedByIam(answer: LoopbackAnswer): void {
  assertStatus(answer, 403);
  assert.doesNotMatch(answer.body, /"code"/);
}
