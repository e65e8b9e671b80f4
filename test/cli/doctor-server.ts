/** A server on loopback that answers what a test says, and the doctor that asks it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { DoctorWorld } from '../../cli/ask-health.ts';
import type { Health } from '../../functions/core/health.ts';

export async function doctorServer(
  test: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'the-secret-key', sessionToken: 'the-session' };

export const world: DoctorWorld = {
  fetch: (input, init) => fetch(input, init),
  credentials: () => Promise.reject(new Error('Nobody signs here.')),
  region: undefined,
  now: () => Date.UTC(2026, 10, 21, 12),
};

export const wellHealth: Health = {
  status: 'ok',
  checked_at: '2026-11-21T12:00:00.000Z',
  connections: {
    total: 3,
    complete: true,
    by_status: { active: 3, admin_action_required: 0, reauthorization_required: 0, disconnected: 0 },
  },
  overdue: { count: 0, complete: true },
  incidents: [],
  apps: [
    {
      app: 'crm',
      flow: 'authorization_code',
      purpose: 'api',
      connections: {
        total: 3,
        complete: true,
        by_status: { active: 3, admin_action_required: 0, reauthorization_required: 0, disconnected: 0 },
      },
      findings: [
        {
          code: 'claim_off',
          severity: 'warning',
          summary: 'No claim.',
          evidence: ['It is off.'],
          remedy: 'Turn it on.',
        },
        { code: 'pkce_sent', severity: 'info', summary: 'PKCE is sent.', evidence: [], remedy: 'Nothing.' },
      ],
    },
  ],
};

export function illHealth(): Health {
  const [crm] = wellHealth.apps;
  if (crm === undefined) throw new Error('There is no app.');
  return {
    ...wellHealth,
    status: 'attention',
    overdue: { count: 12, complete: false, oldest_due_at: '2026-11-21T11:00:00.000Z' },
    incidents: [
      {
        id: 'i',
        type: 'invalid_grant_spike',
        severity: 'critical',
        app: 'crm',
        org_id: '00D000000000001EAA',
        opened_at: '2026-11-21T11:50:00.000Z',
        cause: 'org_wide_revocation',
        summary: 'crm, org 00D000000000001EAA: Salesforce refuses many.',
        evidence: ['4 of 6 failed.'],
        counts: { failed: 4 },
        remedy: 'Ask the administrator.',
        connection_ids: ['crm.00D000000000001EAA.005000000000001AAA'],
      },
      {
        id: 'o',
        type: 'fleet_incident',
        severity: 'info',
        app: 'crm',
        opened_at: '2026-11-21T01:50:00.000Z',
        resolved_at: '2026-11-21T02:50:00.000Z',
        cause: 'app_wide_revocation',
        summary: 'No more orgs fail.',
        evidence: [],
        counts: {},
        remedy: 'Nothing.',
        connection_ids: [],
      },
    ],
    apps: [
      {
        ...crm,
        findings: [
          {
            code: 'app_refused',
            severity: 'action',
            summary: 'Salesforce refuses crm itself.',
            evidence: ['invalid_client'],
            remedy: 'Set the secret.',
            page: 'docs/errors.md',
          },
          ...crm.findings,
        ],
      },
    ],
  };
}
