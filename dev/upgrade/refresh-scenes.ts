/** Scenes of connections that live: in use, in the middle of a refresh, put off, or asked for a newer token. */
import assert from 'node:assert/strict';
import { dataKeys } from '../../cli/data-keys.ts';
import { dataKeysWorld } from '../../cli/data-keys-world.ts';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { sha256Hex } from '../../functions/core/hash.ts';
import { type Flow, jwtOrder, org, otherUser } from '../../test/support/flow.ts';
import { localClientConfig } from '../local/aws-clients.ts';
import { localTableName } from '../local/local-table.ts';
import type { Scene } from './scene.ts';
import { dueConnection, dueMs, freshConnection, hourMs, minuteMs, refreshOf } from './scene-acts.ts';
import { lease, withheldConnection } from './scene-writes.ts';

export const refreshScenes = {
  'in-use': {
    leaves: 'two connections in use, refreshed, linked, configured and read',
    async act({ flow }) {
      const { connectionId: connection, sessionId: session } = await flow.connect();
      await flow.connect({ integration: 'second' }, otherUser);
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      await flow.stack.tick();
      assert.equal((await flow.token(connection)).status, 200);
      const { next_cursor: cursor } = (await flow.api('GET', '/connections?app=crm&limit=1')).body;
      return { connection, session, cursor };
    },
  },
  queued: {
    leaves: 'messages in both queues, and what Lambdas asked of each other',
    async act({ flow }) {
      const connection = await freshConnection(flow);
      flow.clock.advance(3 * hourMs);
      assert.equal((await flow.token(connection)).status, 200, 'token asked refresh');
      flow.clock.advance(dueMs);
      await flow.stack.handlers['schedule-refreshes']({});
      const put = await flow.api('PUT', '/integrations/acme/sync/configuration', { configuration: { table: 'leads' } });
      assert.equal(put.status, 202);
      return { connection };
    },
  },
  logins: {
    leaves: 'connections without a browser, by assertion and as the client itself',
    async act({ flow }) {
      const link = { tenant: 'acme', expected_org_id: org.id };
      const byAssertion = await flow.introduce({ ...jwtOrder, ...link, integration: 'jwt' });
      const asClient = await flow.introduce({ app: 'crm-service', ...link, integration: 'service' });
      assert.deepEqual([byAssertion.status, asClient.status], [201, 201], JSON.stringify(asClient.body));
      await flow.stack.tick();
      return { jwt: byAssertion.body.id, service: asClient.body.id };
    },
  },
  'claim-died': {
    leaves: 'a lease whose owner died before it sent anything',
    async act(world) {
      const { flow } = world;
      const connection = await dueConnection(flow);
      world.onWrite((after) => (lease(after) ? 'die' : undefined));
      await flow.stack.tick();
      return { connection };
    },
  },
  unanswered: {
    leaves: 'an attempt that Salesforce processed and did not answer',
    async act({ flow }) {
      const connection = await dueConnection(flow);
      flow.simulator.switches.resetAfterProcessing = true;
      await flow.stack.tick();
      flow.simulator.switches.resetAfterProcessing = false;
      return { connection };
    },
  },
  'in-lifeboat': {
    leaves: 'a rotated refresh token that lies in the lifeboat only',
    async act(world) {
      const { flow } = world;
      const connection = await withheldConnection(world);
      await flow.stack.handlers['schedule-refreshes']({});
      await refreshOf(world, connection);
      return { connection };
    },
  },
  'backing-off': {
    leaves: 'a connection that Salesforce puts off',
    async act({ flow }) {
      const connection = await dueConnection(flow);
      flow.simulator.switches.nextErrors = [putOff];
      await flow.stack.tick();
      return { connection };
    },
  },
  rejected: {
    leaves: 'a connection whose token its caller rejected, and was given a newer one',
    async act({ flow }) {
      const connection = await freshConnection(flow);
      const rejected = await digestOfToken(flow, connection);
      const answer = await flow.api('POST', `/connections/${connection}/token`, { rejected_token_sha256: rejected });
      assert.equal(answer.status, 200);
      return { connection };
    },
  },
  'rejected-open': {
    leaves: 'a connection whose token its caller rejected while Salesforce puts it off',
    async act({ flow }) {
      const connection = await freshConnection(flow);
      const rejected = await digestOfToken(flow, connection);
      flow.simulator.switches.nextErrors = [putOff];
      const answer = await flow.api('POST', `/connections/${connection}/token`, { rejected_token_sha256: rejected });
      assert.equal(answer.status, 503);
      return { connection, rejected };
    },
  },
  'keys-followed': {
    leaves: 'tokens under a data key that another has followed, and some under the new one',
    unknownTo: '8ee7e62',
    async act({ flow, engines }) {
      const { connectionId: connection } = await flow.connect();
      const { connectionId: second } = await flow.connect({ integration: 'second' }, otherUser);
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      await flow.stack.tick();
      const client = createDynamoClient(localClientConfig(engines.dynamodb));
      const world = { ...dataKeysWorld({ table: localTableName }, client), now: flow.clock.now };
      const options = { act: 'rotate', table: localTableName, org: org.id, yes: false } as const;
      await dataKeys(options, { ...world, keys: flow.stack.ports.keys });
      client.destroy();
      flow.clock.advance(5 * minuteMs);
      const rejected = { rejected_token_sha256: await digestOfToken(flow, second) };
      assert.equal((await flow.api('POST', `/connections/${second}/token`, rejected)).status, 200);
      return { connection, second };
    },
  },
} as const satisfies Record<string, Scene>;

const putOff = { endpoint: 'token', error: 'server_error', error_description: 'Please try again' } as const;

async function digestOfToken(flow: Flow, connection: string): Promise<string> {
  return sha256Hex((await flow.token(connection)).body.access_token);
}
