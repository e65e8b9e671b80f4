import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { columns, createNarrator } from '../../../dev/demo/narrator.ts';
import { playStory, type StoryOptions } from '../../../dev/demo/story.ts';
import { tableOf } from '../../../dev/demo/table.ts';
import { deviationsOf } from '../../../dev/demo/verdict.ts';

async function play(options?: StoryOptions) {
  const lines: string[] = [];
  const story = await playStory(
    createNarrator((line) => lines.push(line), { colours: false }),
    options,
  );
  return { story, lines };
}

describe('the story of the demo', () => {
  it('costs the handler its first integration at the fifth retry, and Grantkeeper nothing', async () => {
    const { story, lines } = await play();
    assert.deepEqual(story.naive, {
      books: {
        authorizations: 7,
        live: 5,
        evictions: [
          { grant: 'grant-1', by: 'grant-6' },
          { grant: 'grant-2', by: 'grant-7' },
        ],
        revoked: 0,
        tokenRequests: { codes: 7, refreshes: 3, refused: 2 },
        reads: { worked: 6, failed: 3 },
        laterReads: { worked: 1, failed: 2 },
      },
      store: { stored: 2, honoured: 1, orphaned: 4, orphanedAtWorst: 5, configured: ['orders', 'warehouse'] },
    });
    assert.deepEqual(story.grantkeeper, {
      books: {
        authorizations: 2,
        live: 1,
        evictions: [],
        revoked: 1,
        tokenRequests: { codes: 2, refreshes: 1, refused: 0 },
        reads: { worked: 8, failed: 0 },
        laterReads: { worked: 2, failed: 0 },
      },
      store: { stored: 1, honoured: 1, orphaned: 0, orphanedAtWorst: 0, configured: ['orders', 'warehouse'] },
    });
    assert.deepEqual(deviationsOf(story), []);

    const fifth = lines.findIndex((line) => line.includes('try 5'));
    const dead = lines.findIndex((line) => line.includes('"orders" cannot read: 401'));
    assert.ok(fifth > 0 && dead > fifth, lines.join('\n'));
    assert.match(lines.slice(dead, dead + 2).join(' '), /invalid_grant: expired +access\/refresh token/);
    assert.equal(lines.filter((line) => line.includes('orders" cannot read')).length, 2);
  });

  it('comes out otherwise at a limit of four: its numbers are counted', async () => {
    const { story, lines } = await play({ switches: { grantLimit: 4 } });
    assert.equal(story.naive.books.live, 4);
    assert.deepEqual(story.naive.books.evictions, [
      { grant: 'grant-1', by: 'grant-5' },
      { grant: 'grant-2', by: 'grant-6' },
      { grant: 'grant-3', by: 'grant-7' },
    ]);
    assert.equal(story.grantkeeper.books.live, 1);
    assert.deepEqual(deviationsOf(story), []);
    assert.ok(tableOf(story).some((line) => /grant-3 by grant-7$/.test(line)));
    const fourth = lines.findIndex((line) => line.includes('try 4'));
    const fifth = lines.findIndex((line) => line.includes('try 5'));
    const dead = lines.findIndex((line) => line.includes('"orders" cannot read'));
    assert.ok(fourth < dead && dead < fifth, lines.join('\n'));
  });

  it('is not passed off as told where the handler was lucky', async () => {
    const { story } = await play({ tries: 2 });
    assert.deepEqual(story.naive.books.evictions, []);
    assert.deepEqual(deviationsOf(story), [
      'the retries did not evict the first grant',
      'no refresh of the handler was refused',
      'all integrations of the handler still read',
      'all tokens that the handler stored still work',
    ]);
  });

  it('is not passed off as told where Grantkeeper loses a grant', async () => {
    const { story } = await play();
    const { books, store } = story.naive;
    const deviations = deviationsOf({ ...story, grantkeeper: { books, store } });
    assert.ok(deviations.includes("Grantkeeper's authorizations evicted 2 grants"), deviations.join('\n'));
    assert.ok(deviations.includes("3 reads with Grantkeeper's tokens were refused"), deviations.join('\n'));
  });

  it('is printed by `npm run demo` in plain text of 80 columns, and ends well', async () => {
    const demo = fileURLToPath(new URL('../../../dev/demo/demo.ts', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [demo], { timeout: 60_000 });
    const lines = stdout.split('\n');
    for (const line of lines) assert.ok(line.length <= columns, `${line.length} columns: ${line}`);
    assert.equal(stdout.includes('\u001b'), false);
    assert.equal(stderr, '');
    const rows = lines.filter((line) => line.startsWith('  authorizations made'));
    assert.match(rows[0] ?? '', /made +7 +2$/);
  });
});

describe('the narrator', () => {
  const event = 'x'.repeat(40);
  const print = (colours: boolean) => {
    const lines: string[] = [];
    const narrator = createNarrator((line) => lines.push(line), { colours });
    narrator.event(Date.parse('2026-03-02T09:07:00Z'), `${event} ${event}`, 'bad');
    return lines;
  };

  it('breaks lines between words, with the time before the first', () => {
    assert.deepEqual(print(false), [`09:07  ${event}`, `       ${event}`]);
  });

  it('colours only where it may', () => {
    assert.ok(print(true).every((line) => line.includes('\u001b[31m')));
    assert.ok(print(false).every((line) => !line.includes('\u001b')));
  });
});
