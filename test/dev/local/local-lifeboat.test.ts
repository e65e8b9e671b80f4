import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createLocalLifeboat } from '../../../dev/local/local-lifeboat.ts';
import { startMessagingEngine } from '../../../dev/local/messaging-engine.ts';
import type { Lifeboat } from '../../../functions/core/ports.ts';
import { codeEntry, connectionA, refreshEntry } from '../../contract/lifeboat-entries.ts';

describe('the lifeboat of the local stack', () => {
  it('holds in a kept folder what was put and not removed, over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-'));
    try {
      await withLifeboat(folder, async (lifeboat) => {
        await lifeboat.put(refreshEntry('attempt-1'));
        await lifeboat.put(codeEntry('attempt-2'));
        await lifeboat.remove(refreshEntry('attempt-1'));
      });
      const kept = await withLifeboat(folder, (lifeboat) => lifeboat.ofConnection(connectionA));
      assert.deepEqual(kept, [codeEntry('attempt-2')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('holds nothing of another process without a folder', async () => {
    await withLifeboat(undefined, (lifeboat) => lifeboat.put(refreshEntry('attempt-1')));
    assert.deepEqual(await withLifeboat(undefined, (lifeboat) => lifeboat.list(10)), { items: [] });
  });
});

async function withLifeboat<T>(folder: string | undefined, use: (lifeboat: Lifeboat) => Promise<T>): Promise<T> {
  const engine = await startMessagingEngine(folder);
  try {
    const { lifeboat, close } = await createLocalLifeboat(engine.url, { error: (message) => assert.fail(message) });
    const result = await use(lifeboat);
    close();
    return result;
  } finally {
    await engine.close();
  }
}
