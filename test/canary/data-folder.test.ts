/** What the local stack leaves on disk, byte for byte: databases, queues, the lifeboat, alerts, the simulator's books. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { scanFolder } from '../../dev/canary/scan-folder.ts';
import { StoreUnavailableError } from '../../functions/core/errors.ts';
import type { Ports, Store } from '../../functions/core/ports.ts';
import { deadConfirmMs } from '../../functions/core/settle-refusal.ts';
import { anIntegration } from '../contract/items.ts';
import { intercepted } from '../support/canary-watch.ts';
import { type Flow, otherUser, startFlow } from '../support/flow.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canary-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Everything that is kept somewhere: tokens, rotated tokens, a dead connection with its alert, answers in the lifeboat. */
async function live(flow: Flow, refuse: (refuses: boolean) => void): Promise<void> {
  flow.simulator.switches.rotation = true;
  const { connectionId } = await flow.connect();
  const { connectionId: other } = await flow.connect({ integration: 'second' }, otherUser);
  flow.clock.advance(3 * 3_600_000);
  await flow.token(connectionId);
  refuse(true);
  await flow.stack.handlers.refresh(await requestFor(flow, other));
  refuse(false);
  flow.simulator.revokeGrant(flow.simulator.books.liveGrants()[0]?.id ?? '');
  flow.clock.advance(3 * 3_600_000);
  const secondLook = flow.clock.someoneWaits(deadConfirmMs).then(() => flow.clock.advance(deadConfirmMs));
  await Promise.all([flow.stack.tick(), secondLook]);
}

async function requestFor(flow: Flow, connectionId: string): Promise<object> {
  const connection = await flow.stack.ports.store.connections.read(connectionId);
  const { id: grantId = '', refreshes = 0 } = connection?.grant ?? {};
  return { version: 1, connectionId, generation: { grantId, refreshes }, reason: 'stale' };
}

/** Of a store that refuses; so the time for more tries ends by the tries, however fast this machine is. */
const refusalMs = 5_000;

/** A store that takes no commit while it is told to refuse: what Salesforce answers then goes to the lifeboat. */
function refusing(ports: Ports, refuses: () => boolean, timePasses: () => void): Ports {
  const connections: Store['connections'] = {
    read: (id) => ports.store.connections.read(id),
    create: (item) => ports.store.connections.create(item),
    async replace(before, after) {
      if (refuses() && (after.grant?.refreshes ?? 0) > (before.grant?.refreshes ?? 0)) {
        timePasses();
        throw new StoreUnavailableError('The table refuses.');
      }
      return ports.store.connections.replace(before, after);
    },
  };
  const store = new Proxy(ports.store, {
    get: (target, name) => (name === 'connections' ? connections : Reflect.get(target, name)),
  });
  return { ...ports, store };
}

async function lived(leak?: (ports: Ports) => Promise<unknown>): Promise<readonly string[]> {
  let refuses = false;
  let saved = 0;
  const flow: Flow = await startFlow({
    dataDir: folder,
    change: (ports) => {
      const lifeboat = intercepted(ports.lifeboat, ['put'], () => {
        saved += 1;
      });
      const timePasses = () => flow.clock.advance(refusalMs);
      return refusing({ ...ports, lifeboat }, () => refuses, timePasses);
    },
  });
  try {
    await live(flow, (now) => {
      refuses = now;
    });
    assert.ok(saved > 0, 'nothing came to lie in the lifeboat');
    await leak?.(flow.stack.ports);
  } finally {
    await flow.close().catch((error: Error) => {
      if (leak === undefined) throw error;
    });
  }
  const { files, found } = scanFolder(folder);
  assert.ok(files >= 8, `${files} files`);
  return found.map(({ file }) => file.slice(folder.length + 1).split(sep)[0] ?? '');
}

describe('the data folder of the local stack', () => {
  it('holds no secret in the clear, in any file', async () => {
    assert.deepEqual(await lived(), []);
  });

  it('would show one: an item that is not sealed is found in the database’s files', async () => {
    const found = await lived((ports) =>
      ports.store.integrations.create(anIntegration('other', 'sync', { reason: clear(ports) })),
    );
    assert.deepEqual([...new Set(found)], ['dynamodb']);
  });
});

/** A secret as it would be minted. */
function clear(ports: Ports): string {
  return Buffer.from(ports.random.bytes(32)).toString('base64url');
}
