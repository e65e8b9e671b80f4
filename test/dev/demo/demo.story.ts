import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { columns, createNarrator } from '../../../dev/demo/narrator.ts';
import { playStory, type StoryOptions } from '../../../dev/demo/story.ts';
import type { ChapterTally } from '../../../dev/demo/tally.ts';
import { deviationsOf } from '../../../dev/demo/verdict.ts';

async function play(options?: StoryOptions) {
  const lines: string[] = [];
  const story = await playStory(
    createNarrator((line) => lines.push(line), { colours: false }),
    options,
  );
  return { story, lines };
}

/** The story as it is told, played once: nobody changes it. */
let told: ReturnType<typeof play> | undefined;
const asTold = () => {
  told ??= play();
  return told;
};

const stored = ({ evictions }: ChapterTally) => evictions.filter((one) => one.stored);

describe('the story of the demo', () => {
  it('costs the handler its first integration twice, and Grantkeeper nothing', async () => {
    const { story, lines } = await asTold();
    const { naive, grantkeeper } = story;
    assert.deepEqual(stored(naive.setUps), [{ grant: 'grant-1', by: 'grant-6', stored: true }]);
    assert.deepEqual(stored(naive.reauthorizations), [{ grant: 'grant-13', by: 'grant-18', stored: true }]);
    assert.deepEqual(
      {
        ...naive,
        setUps: { ...naive.setUps, evictions: naive.setUps.evictions.length },
        reauthorizations: { ...naive.reauthorizations, evictions: naive.reauthorizations.evictions.length },
      },
      {
        setUps: {
          failed: 10,
          sameTokens: true,
          authorizations: 12,
          evictions: 7,
          givenBack: 0,
          liveAtMost: 5,
          orphanedAtMost: 5,
          reads: { worked: 6, failed: 7 },
        },
        reauthorizations: {
          authorizations: 21,
          evictions: 21,
          givenBack: 0,
          liveAtMost: 5,
          orphanedAtMost: 4,
          reads: { worked: 25, failed: 16 },
        },
        end: {
          live: 5,
          stored: 2,
          honoured: 1,
          orphaned: 4,
          configured: ['orders', 'warehouse'],
          reading: ['warehouse'],
          tokenRequests: { codes: 33, refreshes: 25, refused: 24 },
          ledger: undefined,
        },
      },
    );
    assert.deepEqual(deviationsOf(story), []);

    const fifth = lines.findIndex((line) => line.includes('Try 5:'));
    const dead = lines.findIndex((line) => line.includes('"orders" cannot read: 401'));
    assert.ok(fifth > 0 && dead > fifth, lines.join('\n'));
    assert.match(lines.slice(dead, dead + 2).join(' '), /invalid_grant: expired +access\/refresh token/);
    assert.equal(lines.filter((line) => line.includes('orders" cannot read')).length, 3);
    assert.equal(grantkeeper.setUps.evictions.length + grantkeeper.reauthorizations.evictions.length, 0);
  });

  it('shows ten configurations that fail: no token changes, and one authorization is spent', async () => {
    const { story, lines } = await asTold();
    const { failed, ...setUps } = story.grantkeeper.setUps;
    // Each version's message comes back by itself too, until a newer version or the third try.
    assert.ok(failed >= 10, String(failed));
    assert.deepEqual(setUps, {
      sameTokens: true,
      authorizations: 1,
      evictions: [],
      givenBack: 0,
      liveAtMost: 1,
      orphanedAtMost: 0,
      reads: { worked: 13, failed: 0 },
    });
    assert.ok(
      lines.some((line) => line.includes('Tries 3 to 10: as before.')),
      lines.join('\n'),
    );
  });

  it('shows twenty reauthorizations: none is evicted, one lives in the end, and the ledger says so', async () => {
    const { reauthorizations, end } = (await asTold()).story.grantkeeper;
    assert.deepEqual(reauthorizations, {
      authorizations: 20,
      evictions: [],
      givenBack: 20,
      liveAtMost: 4,
      orphanedAtMost: 0,
      reads: { worked: 40, failed: 0 },
    });
    assert.deepEqual(end, {
      live: 1,
      stored: 1,
      honoured: 1,
      orphaned: 0,
      configured: ['orders', 'warehouse'],
      reading: ['orders', 'warehouse'],
      tokenRequests: { codes: 21, refreshes: 1, refused: 0 },
      ledger: { attempts: 21, orphaned: 0, believed: 1 },
    });
  });

  it('comes out otherwise at a limit of four: its numbers are counted', async () => {
    const { story, lines } = await play({ switches: { grantLimit: 4 } });
    assert.equal(story.naive.end.live, 4);
    assert.deepEqual(stored(story.naive.setUps), [{ grant: 'grant-1', by: 'grant-5', stored: true }]);
    assert.equal(story.grantkeeper.reauthorizations.liveAtMost, 3);
    assert.deepEqual(deviationsOf(story), []);
    const fourth = lines.findIndex((line) => line.includes('Try 4:'));
    const fifth = lines.findIndex((line) => line.includes('Try 5:'));
    const dead = lines.findIndex((line) => line.includes('"orders" cannot read'));
    assert.ok(fourth < dead && dead < fifth, lines.join('\n'));
  });

  it('is not passed off as told where the handler was lucky', async () => {
    const { story } = await play({ tries: 1, rounds: 1 });
    assert.deepEqual(story.naive.setUps.evictions, []);
    assert.deepEqual(deviationsOf(story), [
      'the retries did not evict a grant that the handler had stored',
      'authorizing anew did not evict a grant that the handler had stored',
      'no refresh of the handler was refused',
      'all integrations of the handler still read',
      'all tokens that the handler stored still work',
    ]);
  });

  it('is not passed off as told where Grantkeeper loses a grant, or counts wrong', async () => {
    const { story } = await asTold();
    const deviations = deviationsOf({ ...story, grantkeeper: story.naive });
    for (const expected of [
      'Grantkeeper spent 12 authorizations on two set-ups, not 1',
      "Grantkeeper's authorizations evicted 7 grants",
      "7 reads with Grantkeeper's tokens were refused",
      'Grantkeeper left 5 grants live, not 1',
      "Grantkeeper's ledger has undefined authorizations, Salesforce saw 21",
    ]) {
      assert.ok(deviations.includes(expected), deviations.join('\n'));
    }
    const { end } = story.grantkeeper;
    const ledger = { attempts: 21, orphaned: 0, believed: 2 };
    assert.deepEqual(deviationsOf({ ...story, grantkeeper: { ...story.grantkeeper, end: { ...end, ledger } } }), [
      "Grantkeeper's ledger believes 2 grants to live, and 1 do",
    ]);
  });

  it('is printed by `npm run demo` in plain text of 80 columns on two screens, and ends well', async () => {
    const demo = fileURLToPath(new URL('../../../dev/demo/demo.ts', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [demo], { timeout: 60_000 });
    const lines = stdout.split('\n');
    for (const line of lines) assert.ok(line.length <= columns, `${line.length} columns: ${line}`);
    assert.ok(lines.length <= 110, `${lines.length} lines`);
    assert.equal(stdout.includes('\u001b'), false);
    assert.equal(stderr, '');
    const rows = lines.filter((line) => line.startsWith('  authorizations made'));
    assert.match(rows[0] ?? '', /made +12 +1$/);
    assert.match(rows[1] ?? '', /made +21 +20$/);
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
