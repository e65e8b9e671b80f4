import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, startFlow } from '../support/flow.ts';

/** Everything secret that passed through the ports, gathered where it is in the clear. */
function eavesdropped(ports: Ports, heard: Set<string>): Ports {
  return {
    ...ports,
    sealer: {
      async seal(text, key, keyId, context) {
        heard.add(text.reveal());
        heard.add(Buffer.from(key).toString('base64'));
        return ports.sealer.seal(text, key, keyId, context);
      },
      open: (...all) => ports.sealer.open(...all),
      keyIdOf: (sealed) => ports.sealer.keyIdOf(sealed),
    },
    salesforce: {
      ...ports.salesforce,
      exchangeCode(loginUrl, client, request, timeoutMs) {
        heard.add(request.code.reveal());
        heard.add(request.codeVerifier.reveal());
        heard.add(client.clientSecret?.reveal() ?? 'no secret');
        return ports.salesforce.exchangeCode(loginUrl, client, request, timeoutMs);
      },
    },
  };
}

async function everythingStored(flow: Flow): Promise<string> {
  const client = new DynamoDBClient({
    endpoint: flow.stack.listeners.dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const rows = await Promise.all(TableNames.map((TableName) => client.send(new ScanCommand({ TableName }))));
  return JSON.stringify(rows.map((one) => one.Items));
}

describe('secrets', () => {
  it('appear in no stored item, log line, alert, list or page', async () => {
    const heard = new Set<string>();
    const flow = await startFlow({ change: (ports) => eavesdropped(ports, heard) });
    try {
      flow.simulator.switches.rotation = true;
      const { connectionId, callback } = await flow.connect();
      flow.clock.advance(3 * 3_600_000);
      await flow.token(connectionId);
      flow.simulator.revokeGrant(flow.simulator.books.liveGrants()[0]?.id ?? '');
      flow.clock.advance(3 * 3_600_000);
      const reading = flow.token(connectionId);
      await flow.clock.someoneWaits(5_000);
      flow.clock.advance(5_000);
      const dead = await reading;
      flow.clock.advance(120_000);
      await flow.stack.tick();
      assert.ok(heard.size >= 8, `tokens, keys, code, verifier and secret were heard: ${heard.size}`);
      const places = {
        stored: await everythingStored(flow),
        logs: flow.stack.logLines().join('\n'),
        alerts: JSON.stringify(flow.stack.alerts()),
        shown: JSON.stringify((await flow.api('GET', `/connections/${connectionId}`)).body),
        health: JSON.stringify((await flow.api('GET', '/health')).body),
        problem: JSON.stringify(dead.body),
        page: callback.text,
      };
      assert.ok(places.stored.length > 1_000 && places.logs.length > 100 && places.alerts.length > 100);
      for (const [place, text] of Object.entries(places)) {
        for (const secret of heard) assert.ok(!text.includes(secret), `a secret stands in: ${place}`);
      }
    } finally {
      await flow.close();
    }
  });
});
