/**
 * `POST /local/acts`: what a click on the console does. As an administrator in Salesforce (the simulator's own routes),
 * and as the services and users of a customer (`customer.ts`).
 */

import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type JsonAnswer, readJson } from '../json-answer.ts';
import { type CustomerSources, connectUsers, useTokens } from './customer.ts';
import type { ConsoleSources } from './state.ts';

/** By the simulator's route: the field that names whom it is done to. */
const administratorActs = {
  'revoke-org': 'org_id',
  'deactivate-org': 'org_id',
  'reactivate-org': 'org_id',
  'revoke-app': 'client_id',
  'deactivate-user': 'user_id',
  'reactivate-user': 'user_id',
  'revoke-grant': 'grant_id',
} as const;
type AdministratorAct = keyof typeof administratorActs;
const customerActs = ['connect-users', 'use-token', 'use-tokens'] as const;

const actNames = [...(Object.keys(administratorActs) as AdministratorAct[]), ...customerActs];
const schema = z.strictObject({ act: z.enum(actNames), id: z.string().min(1).max(200) });

export async function act(request: IncomingMessage, sources: ConsoleSources): Promise<JsonAnswer> {
  const { simulator } = sources;
  if (simulator === undefined) return refused(404, 'No simulator runs here: --salesforce was given.');
  const body = await readJson(request);
  if (!body.ok) return body.answer;
  const wanted = schema.safeParse(body.value);
  if (!wanted.success) {
    return refused(400, `The body must be {"act", "id"}, the act one of ${actNames.join(', ')}.`);
  }
  const { act: name, id } = wanted.data;
  if (isOfCustomer(name)) return actAsCustomer(name, id, { ...sources, simulator });
  const asked = new Request(new URL(`/simulator/${name}`, sources.salesforceUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [administratorActs[name]]: id }),
  });
  const answer = await simulator.fetch(asked);
  if (answer.ok) return { status: 200, body: { message: done[name] } };
  return refused(answer.status, ((await answer.json()) as { error: string }).error);
}

type CustomerAct = (typeof customerActs)[number];

function isOfCustomer(name: (typeof actNames)[number]): name is CustomerAct {
  return (customerActs as readonly string[]).includes(name);
}

async function actAsCustomer(name: CustomerAct, orgId: string, sources: CustomerSources): Promise<JsonAnswer> {
  const org = sources.simulator.books.orgs.find(({ id }) => id === orgId);
  if (org === undefined) return refused(404, `There is no org "${orgId}".`);
  const message =
    name === 'connect-users'
      ? await connectUsers(sources, org)
      : await useTokens(sources, org, name === 'use-token' ? 1 : org.users.length);
  return { status: 200, body: { message } };
}

const done: Readonly<Record<AdministratorAct, string>> = {
  'revoke-org': 'All grants of the org are revoked.',
  'deactivate-org': 'The org is inactive.',
  'reactivate-org': 'The org is active again.',
  'revoke-app': 'All grants of the app are revoked, in every org.',
  'deactivate-user': 'The user is inactive.',
  'reactivate-user': 'The user is active again.',
  'revoke-grant': 'The grant is revoked.',
};

function refused(status: number, message: string): JsonAnswer {
  return { status, body: { message } };
}
