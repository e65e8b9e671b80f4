/** Reads access tokens as a service does, and uses each at Salesforce's REST API. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { DeployedApi, Json } from './deployed-api.ts';
import { tokenPathOf } from './story.ts';

export async function readToken(api: DeployedApi, connectionId: string): Promise<string> {
  return workingToken(await api.call(200, 'GET', tokenPathOf(connectionId)));
}

/** Says that Salesforce refused a token; answers the next one. */
export async function rejectToken(api: DeployedApi, connectionId: string, token: string): Promise<string> {
  const rejected_token_sha256 = createHash('sha256').update(token).digest('hex');
  const next = await workingToken(await api.call(200, 'POST', tokenPathOf(connectionId), { rejected_token_sha256 }));
  assert.notEqual(next, token);
  return next;
}

async function workingToken({ access_token: token, token_type: type, instance_url: url }: Json): Promise<string> {
  assert.equal(type, 'Bearer');
  const used = await fetch(`${url}/services/data/v62.0/limits`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  assert.equal(used.status, 200, await used.text());
  return String(token);
}
