import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../functions/core/config.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { LedgerEntry } from '../../../functions/core/ledger.ts';
import { diagnoseConnection } from '../../../functions/flows/diagnose-connection.ts';
import { showConnection } from '../../../functions/flows/show-connection.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { refusedApp } from '../core/diagnosis/a-case.ts';

const dayMs = 24 * 3_600_000;

async function dead(change: Partial<Connection> = {}, app: object = {}) {
  const config = parseConfig({ apps: { crm: { clientId: 'crm-client', ...app } } }, 'test');
  const ports = memoryPorts({ config });
  const now = ports.clock.now();
  const lastFailure = { at: now, class: 'dead', error: 'invalid_grant', description: 'expired access/refresh token' };
  const grant = { refreshedAt: now - dayMs, deadSince: now, failures: 2, refreshes: 3, lastFailure };
  const { connection } = await storedConnection(ports, {
    grant,
    connection: {
      status: 'reauthorization_required',
      cause: 'revoked_or_unknown',
      authorizedAt: now - 9 * dayMs,
      ...change,
    },
  });
  return { ports, connection, now };
}

const causeIn = (shown: Record<string, unknown> | undefined) => (shown?.diagnosis as { cause?: string })?.cause;

describe('diagnosing a connection', () => {
  it('reads the ledger and the app, once each, and of one that works nothing', async () => {
    const { ports, connection } = await dead();
    await diagnoseConnection(ports, connection);
    assert.deepEqual(Object.fromEntries(ports.store.calls), { 'ledgers.read': 1, 'apps.read': 1 });
    ports.store.resetCalls();
    assert.equal(await diagnoseConnection(ports, { ...connection, status: 'active' }), undefined);
    assert.deepEqual(Object.fromEntries(ports.store.calls), {});
  });

  it('knows the limits that the configuration states, and none that it does not', async () => {
    const stated = await dead({}, { lifetimeLimitDays: 9 });
    assert.equal((await diagnoseConnection(stated.ports, stated.connection))?.cause, 'lifetime_expiry');
    const idle = await dead({}, { idleLimitDays: 1 });
    assert.equal((await diagnoseConnection(idle.ports, idle.connection))?.cause, 'idle_expiry');
    const unstated = await dead();
    assert.equal((await diagnoseConnection(unstated.ports, unstated.connection))?.cause, 'revoked_or_unknown');
  });

  it('knows the ledger, and the limit of the app’s grants, where tokens count to one', async () => {
    const lost = (index: number, at: number): LedgerEntry => ({
      id: `e${index}`,
      sessionId: 's',
      begunAt: at,
      lostAt: at,
    });
    for (const [flow, cause] of [
      ['authorization_code', 'grant_limit'],
      ['jwt_bearer', 'revoked_or_unknown'],
    ] as const) {
      const { ports, connection, now } = await dead({ flow }, { grantLimit: 3 });
      const entries = [1, 2, 3].map((index) => lost(index, now - index * 60_000));
      await ports.store.inner.ledgers.create({ version: 1, revision: 1, writeId: 'w', id: connection.id, entries });
      assert.equal((await diagnoseConnection(ports, connection))?.cause, cause);
    }
  });

  it('knows what is known of the app', async () => {
    const { ports, connection, now } = await dead();
    await ports.store.inner.apps.create(refusedApp(now - 3_600_000, now - 60_000));
    assert.equal((await diagnoseConnection(ports, connection))?.cause, 'app_wide_revocation');
  });
});

describe('showing a connection', () => {
  it('has its diagnosis where it does not work, and none where it does', async () => {
    const { ports, connection } = await dead({}, { lifetimeLimitDays: 9 });
    const shown = await showConnection(ports, connection.id, undefined);
    assert.equal(causeIn(shown), 'lifetime_expiry');
    assert.deepEqual(Object.keys(shown?.diagnosis as object).sort(), [
      'actor',
      'cause',
      'confidence',
      'evidence',
      'page',
      'remedy',
    ]);
    const working = await dead({ status: 'active', cause: undefined });
    assert.equal('diagnosis' in ((await showConnection(working.ports, working.connection.id, undefined)) ?? {}), false);
  });

  it('reads the ledger once for both', async () => {
    const { ports, connection } = await dead();
    await showConnection(ports, connection.id, undefined);
    assert.equal(ports.store.calls.get('ledgers.read'), 1);
    assert.equal(ports.store.calls.get('apps.read'), 1);
  });
});
