import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConsoleSources, consoleState } from '../../../dev/local/console/state.ts';
import { localConfig, simulatorApps } from '../../../dev/local/local-config.ts';
import { Simulator } from '../../../dev/simulator/simulator.ts';
import type { Ports } from '../../../functions/core/ports.ts';

const publicUrl = 'http://127.0.0.1:3000';
const salesforceUrl = 'http://127.0.0.1:3001';
const hourMs = 3_600_000;

interface Shown {
  apps: string[];
  simulator?: { grants: Record<string, unknown>[] };
}

function sources(simulator?: Simulator): ConsoleSources {
  const store = { listConnections: async () => ({ items: [] }) };
  const ports = { config: localConfig(publicUrl, salesforceUrl, true), store } as unknown as Ports;
  return {
    ports,
    salesforceUrl,
    simulator,
    activity: { entries: () => [] } as unknown as ConsoleSources['activity'],
    alerts: () => [],
  };
}

async function logIn(simulator: Simulator): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'local-service-client',
    client_secret: 'local-secret',
  });
  const answer = await simulator.fetch(new Request(`${salesforceUrl}/services/oauth2/token`, { method: 'POST', body }));
  return String(((await answer.json()) as Record<string, unknown>).access_token);
}

describe('the state that the console shows', () => {
  it('offers to connect those apps only that need a browser', async () => {
    const { apps, simulator } = (await consoleState(sources())) as unknown as Shown;
    assert.deepEqual([apps, simulator], [['crm', 'crm-login'], undefined]);
  });

  it('has a login without a browser among the grants, live while a session of it is', async () => {
    let now = Date.parse('2026-11-01T08:00:00Z');
    const simulator = new Simulator({ origin: salesforceUrl, now: () => now, apps: simulatorApps(publicUrl) });
    const token = await logIn(simulator);
    const shown = async () => {
      const state = (await consoleState(sources(simulator))) as unknown as Shown;
      assert.equal(JSON.stringify(state).includes(token), false);
      return state.simulator?.grants.map(({ user, live, flow, ended_by }) => [user, live, flow, ended_by]);
    };
    const user = 'ada@acme.example';
    assert.deepEqual(await shown(), [[user, true, 'client_credentials', undefined]]);
    now += 2 * hourMs;
    assert.deepEqual(await shown(), [[user, false, 'client_credentials', 'client_credentials, no session']]);
    simulator.revokeGrant('grant-1');
    assert.deepEqual(await shown(), [[user, false, 'client_credentials', 'admin']]);
  });
});
