import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createActivity } from '../../../dev/local/activity.ts';
import { type ConsoleSources, consoleState } from '../../../dev/local/console/state.ts';
import { localConfig, simulatorApps } from '../../../dev/local/local-config.ts';
import { localOrgs } from '../../../dev/local/local-orgs.ts';
import { createMemoryStore } from '../../../dev/memory/memory-store.ts';
import { Simulator } from '../../../dev/simulator/simulator.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import type { Watch } from '../../../functions/core/watch.ts';
import { aConnection, aGrant, noon, orgId } from '../../contract/items.ts';
import { anOrgWatch, failing, minuteMs, working } from '../../support/org-connections.ts';

const publicUrl = 'http://127.0.0.1:3000';
const salesforceUrl = 'http://127.0.0.1:3001';
const hourMs = 3_600_000;

interface Shown {
  apps: string[];
  health: string;
  ill: Record<string, unknown>[];
  incidents: Record<string, unknown>[];
  plots: { since: string; first_minute: string; orgs: Record<string, unknown>[] };
  simulator?: { grants: Record<string, unknown>[] };
}

const clock = { now: () => noon, wait: async () => {} };

interface World {
  readonly simulator?: Simulator;
  readonly connections?: readonly Connection[];
  readonly watches?: readonly Watch[];
}

async function sources({ simulator, connections = [], watches = [] }: World = {}): Promise<ConsoleSources> {
  const activity = createActivity(clock);
  const store = activity.watch(createMemoryStore());
  for (const one of connections) await store.connections.create(one);
  for (const one of watches) await store.watches.create(one);
  const ports = { config: localConfig(publicUrl, salesforceUrl, true), store, clock, egressAddresses: [] };
  return { ports: ports as unknown as Ports, salesforceUrl, simulator, activity, alerts: () => [] };
}

async function stateOf(world?: World): Promise<Shown> {
  return (await consoleState(await sources(world))) as unknown as Shown;
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
    const { apps, simulator } = await stateOf();
    assert.deepEqual([apps, simulator], [['crm', 'crm-login'], undefined]);
  });

  it('has a login without a browser among the grants, live while a session of it is', async () => {
    let now = Date.parse('2026-11-01T08:00:00Z');
    const simulator = new Simulator({ origin: salesforceUrl, now: () => now, apps: simulatorApps(publicUrl) });
    const token = await logIn(simulator);
    const shown = async () => {
      const state = await stateOf({ simulator });
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

  it('has a diagnosis of each connection that does not work, with the page of its cause, and of no other', async () => {
    const dead: Connection = { ...failing(1), status: 'reauthorization_required', cause: 'revoked_or_unknown' };
    const error = 'invalid_app_access';
    const grant = aGrant('grant-3', {
      lastFailure: { at: noon, class: 'admin', error, description: 'user is not admin approved to access this app' },
    });
    const keptOut = aConnection(3, {}, { status: 'admin_action_required', cause: error, failingSince: noon, grant });
    const { ill, health } = await stateOf({ connections: [dead, working(2), keptOut] });
    assert.equal(health, 'attention');
    assert.deepEqual(
      ill.map(({ id, cause, since, page_url }) => [id, cause, since, page_url]),
      [
        [dead.id, 'revoked_or_unknown', new Date(noon).toISOString(), '/local/causes/revoked_or_unknown.md'],
        [keptOut.id, error, new Date(noon).toISOString(), '/local/causes/admin_action_required.md'],
      ],
    );
    for (const { confidence, evidence, remedy } of ill)
      for (const text of [confidence, evidence, remedy]) assert.ok(text);
  });

  it('has open incidents and those that are over, each with the page of its cause', async () => {
    const openedAt = noon - 5 * minuteMs;
    const ended = {
      cause: 'salesforce_unavailable',
      closedAt: noon,
      lastFailureAt: noon,
      failed: 3,
      left: 0,
      connectionIds: [],
      evidence: [],
    };
    const incident = {
      ...{ id: 'open-1', openedAt, cause: 'org_wide_revocation', tally: { failed: 3, tried: 4 }, failed: 3, told: 4 },
      ...{ escalations: 0, lastFailureAt: noon, size: 4, connectionIds: [], evidence: ['3 of 4.'] },
    };
    const watches = [anOrgWatch({ incident }), anOrgWatch({ closed: { ...ended, id: 'closed-2', openedAt } }, 2)];
    const { incidents, health } = await stateOf({ watches });
    assert.equal(health, 'attention');
    assert.deepEqual(
      incidents.map(({ id, org_id, resolved_at, page_url }) => [id, org_id, resolved_at, page_url]),
      [
        ['open-1', orgId(1), undefined, '/local/causes/org_wide_revocation.md'],
        ['closed-2', orgId(2), new Date(noon).toISOString(), '/local/causes/salesforce_unavailable.md'],
      ],
    );
  });

  it('plots every org that has a connection, by the name that the simulator knows', async () => {
    const [known] = localOrgs;
    const simulator = new Simulator({ origin: salesforceUrl, now: () => noon, apps: [], orgs: [...localOrgs] });
    const ofKnown = { ...working(1), orgId: known?.id ?? '' };
    const { plots } = await stateOf({ simulator, connections: [ofKnown, working(2)] });
    assert.deepEqual(plots, {
      since: new Date(noon).toISOString(),
      first_minute: new Date(noon - 59 * minuteMs).toISOString(),
      minutes: 60,
      orgs: [
        { org_id: orgId(1), connections: 1, minutes: [] },
        { org_id: known?.id, name: known?.name, connections: 1, minutes: [] },
      ].sort((a, b) => ((a.org_id ?? '') < (b.org_id ?? '') ? -1 : 1)),
    });
  });
});
