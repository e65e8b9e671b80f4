/** A table that was copied, what then befell its connections in the original, and a stack on the copy. */
import assert from 'node:assert/strict';
import type { AdoptRestoreOptions } from '../../cli/adopt-restore-line.ts';
import type { Grant } from '../../functions/core/grant.ts';
import { sha256Hex } from '../../functions/core/hash.ts';
import { deadConfirmMs } from '../../functions/core/settle-refusal.ts';
import { type CopiedStack, type CopyOptions, copyName, startOnCopy } from './copied-table.ts';
import { type Flow, jwtOrder, org, otherOrg, startFlow, worksAtSalesforce } from './flow.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const adopt: AdoptRestoreOptions = {
  table: copyName,
  retireOriginal: false,
  originalStopped: false,
  dryRun: false,
};

export const people = [...org.users, ...otherOrg.users].map(({ username }) => username);
export type Part = 'refreshed' | 'reauthorized' | 'disconnected' | 'untouched';
export const parts: readonly Part[] = ['refreshed', 'reauthorized', 'disconnected', 'untouched'];
export type Ids = Readonly<Record<Part, string>>;

export interface Restored {
  readonly flow: Flow;
  readonly copy: CopiedStack;
  readonly ids: Ids;
  readonly jwt: string;
}

/** As if the original's table had refused the answer of its last refresh. */
export async function newestIntoLifeboat(
  { flow, copy }: Pick<Restored, 'flow' | 'copy'>,
  connectionId: string,
): Promise<Grant> {
  const grant = (await flow.stack.ports.store.connections.read(connectionId))?.grant;
  assert.ok(grant);
  const generation = { grantId: grant.id, refreshes: grant.refreshes - 1 };
  const attempt = { id: 'of-the-original', generation, loginUrl: grant.loginUrl };
  const made = { ...grant, rotated: true, identityChanged: false };
  const key = { version: 1, kind: 'refresh', connectionId, attemptId: attempt.id } as const;
  await copy.ports.lifeboat.put({ ...key, attempt, made, at: flow.clock.now() });
  return grant;
}

/** Connections of four users, a copy of the table, and what then befell three of them in the original. */
export async function withCopy(
  run: (restored: Restored) => Promise<void>,
  options: CopyOptions & { rotation?: boolean; refreshedBefore?: boolean } = {},
) {
  const flow = await startFlow();
  flow.simulator.switches.rotation = options.rotation ?? true;
  let copy: CopiedStack | undefined;
  try {
    const made: Partial<Record<Part, string>> = {};
    for (const [index, part] of parts.entries()) {
      made[part] = (await flow.connect({ tenant: part }, people[index])).connectionId;
    }
    const ids = made as Ids;
    const jwt = (await flow.introduce(jwtOrder)).body.id;
    flow.clock.advance(10 * minuteMs);
    await flow.stack.tick();
    if (options.refreshedBefore) assert.equal((await reject(flow, ids.refreshed)).status, 200);
    copy = await startOnCopy(flow, options);
    flow.clock.advance(minuteMs);
    await goOn(flow, ids);
    await run({ flow, copy, ids, jwt });
  } finally {
    await copy?.close();
    await flow.close();
  }
}

export async function goOn(flow: Flow, ids: Ids): Promise<void> {
  assert.equal((await reject(flow, ids.refreshed)).status, 200);
  const again = await flow.connect({ tenant: 'reauthorized', reauthorize: true }, people[1]);
  assert.equal(again.connectionId, ids.reauthorized);
  assert.equal((await flow.api('DELETE', `/connections/${ids.disconnected}`)).status, 204);
  await flow.stack.tick();
}

export async function reject(on: Pick<Flow, 'api'>, id: string) {
  const token = await on.api('GET', `/connections/${id}/token`);
  const body = { rejected_token_sha256: sha256Hex(token.body.access_token ?? '') };
  return on.api('POST', `/connections/${id}/token`, body);
}

/** Every path that leads to Salesforce, each at a time when its tokens are due. */
export async function doEverythingOn({ flow, copy, ids, jwt }: Restored): Promise<void> {
  for (const part of parts) await reject(copy, ids[part]);
  flow.clock.advance(20 * minuteMs);
  await copy.stack.tick();
  flow.clock.advance(3 * hourMs);
  for (let rounds = 0; rounds < 3; rounds += 1) {
    await copy.stack.tick();
    flow.clock.advance(10 * minuteMs);
  }
  for (const part of parts) await copy.api('GET', `/connections/${ids[part]}/token`);
  await copy.api('GET', `/connections/${jwt}/token`);
  await copy.api('DELETE', `/connections/${ids.reauthorized}`);
  for (const part of parts) {
    await copy.ports.maintainer.doDutiesOf(ids[part]);
    const grant = (await copy.ports.store.connections.read(ids[part]))?.grant;
    if (grant === undefined) continue;
    const generation = { grantId: grant.id, refreshes: grant.refreshes };
    await copy.stack.handlers.refresh({ version: 1, connectionId: ids[part], generation, reason: 'due' });
  }
  await copy.stack.tick();
}

/** Moves the time on for whoever looks a second time whether a grant is dead. */
export async function confirming(flow: Flow, work: Promise<unknown>): Promise<void> {
  for (;;) {
    const waits = flow.clock.someoneWaits(deadConfirmMs).then(() => true);
    if (!(await Promise.race([waits, work.then(() => false)]))) return;
    flow.clock.advance(deadConfirmMs);
  }
}

export const requestsOf = ({ simulator }: Flow) =>
  simulator.books.requests({ endpoint: 'token' }).length + simulator.books.revocations().length;

/** Reads it from the original, past its expiry, so that its refresh token is used. */
export async function livesInOriginal(flow: Flow, id: string): Promise<boolean> {
  const token = await flow.token(id);
  return token.status === 200 && (await worksAtSalesforce(token));
}

/** `active`, or the cause why not. */
export async function stateOf(copy: CopiedStack, id: string): Promise<string> {
  const { body } = await copy.api('GET', `/connections/${id}`);
  return body.status === 'reauthorization_required' ? body.cause : body.status;
}

/** In a browser, by a link of the stack on the copy. */
export async function authorizeAgain(flow: Flow, copy: CopiedStack, part: Part): Promise<void> {
  const order = { app: 'crm', tenant: part, integration: 'sync' };
  const started = await copy.api('POST', '/connect-sessions', order);
  const person = flow.browser();
  const login = await person.get(`${copy.stack.url}${new URL(started.body.connect_url).pathname}`);
  const username = people[parts.indexOf(part)] ?? '';
  const back = flow.simulator.authorize(login.headers.get('location') ?? '', { username, decision: 'allow' });
  assert.equal((await person.get(back.replace(flow.stack.url, copy.stack.url))).status, 200);
}
