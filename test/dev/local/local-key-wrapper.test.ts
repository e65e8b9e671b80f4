import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createLocalKeyWrapper } from '../../../dev/local/local-key-wrapper.ts';
import { SealError } from '../../../functions/core/errors.ts';

describe('the key service of the local stack', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const context = { purpose: 'access', scope: '00D000000000000AAA' } as const;

  it('opens what it wrapped, also after a restart', async () => {
    const { plaintext, wrapped } = await createLocalKeyWrapper(folder).generateDataKey(context);
    assert.equal(plaintext.length, 32);
    assert.deepEqual(await createLocalKeyWrapper(folder).unwrapDataKey(wrapped, context), plaintext);
  });

  it('makes another key each time, and keeps the master key to its owner', async () => {
    const wrapper = createLocalKeyWrapper(folder);
    const [first, second] = [await wrapper.generateDataKey(context), await wrapper.generateDataKey(context)];
    assert.notDeepEqual(first.plaintext, second.plaintext);
    assert.equal(statSync(join(folder, 'master.key')).mode & 0o777, 0o600);
  });

  it('refuses another context, a changed key, and one that was wrapped elsewhere', async () => {
    const wrapper = createLocalKeyWrapper(folder);
    const { wrapped } = await wrapper.generateDataKey(context);
    const changed = Buffer.from(wrapped, 'base64');
    changed[20] = (changed[20] ?? 0) ^ 1;
    const refusals = [
      wrapper.unwrapDataKey(wrapped, { ...context, purpose: 'refresh' }),
      wrapper.unwrapDataKey(wrapped, { ...context, scope: '00D000000000001AAA' }),
      wrapper.unwrapDataKey(changed.toString('base64'), context),
      wrapper.unwrapDataKey('AQ==', context),
    ];
    for (const refusal of refusals) await assert.rejects(refusal, SealError);
    rmSync(join(folder, 'master.key'));
    await assert.rejects(createLocalKeyWrapper(folder).unwrapDataKey(wrapped, context), SealError);
  });

  it('does not use a master key that others may read, or that is damaged', () => {
    createLocalKeyWrapper(folder);
    const file = join(folder, 'master.key');
    chmodSync(file, 0o644);
    assert.throws(() => createLocalKeyWrapper(folder), /chmod 600/);
    chmodSync(file, 0o600);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 8));
    assert.throws(() => createLocalKeyWrapper(folder), /damaged: 6 bytes, must be 32/);
  });
});
