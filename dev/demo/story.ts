/**
 * The story of design.md's first paragraph, played on both sides: retries of a failed set-up, each with an
 * authorization of its own, end the grant of an integration that worked. Counted at the end, never told beforehand.
 */
import { defaultSwitches, type Switches } from '../simulator/switches.ts';
import { createGrantNews, type GrantNews } from './grant-news.ts';
import { startGrantkeeperSide } from './grantkeeper-side.ts';
import { createMovableClock, type MovableClock, minuteMs } from './movable-clock.ts';
import { startNaiveSide } from './naive-side.ts';
import type { Narrator } from './narrator.ts';
import { firstIntegration, secondIntegration, user } from './set-up.ts';
import type { Side } from './side.ts';
import { orphanedGrants, type Tally, tallyBooks, tallyStore } from './tally.ts';

export interface StoryOptions {
  /** How often the customer presses "connect" for the second integration while its set-up fails. @default 5 */
  readonly tries?: number;
  /** Of the simulated Salesforce on both sides. */
  readonly switches?: Partial<Switches>;
}

export interface Story {
  readonly naive: Tally;
  readonly grantkeeper: Tally;
}

const begin = Date.parse('2026-03-02T09:00:00Z');
const untilMendedMs = 20 * minuteMs;
const untilStaleMs = 120 * minuteMs;

export async function playStory(narrator: Narrator, options: StoryOptions = {}): Promise<Story> {
  const { grantLimit, eviction } = { ...defaultSwitches(), ...options.switches };
  const victim = eviction === 'lru' ? 'the least recently used' : 'the oldest';
  narrator.paragraph(
    `${user.name} connects two integrations to Salesforce. The set-up of the second fails, so she tries again, and again. Salesforce keeps ${grantLimit} grants of a user for an app; one more ends ${victim}, and nobody is told.`,
  );
  narrator.chapter('1. A handler that saves the tokens in the transaction of the set-up');
  const naive = await playSide(startNaiveSide, narrator, options);
  narrator.chapter('2. Grantkeeper: the same customer, the same failing set-up, the same tries');
  const grantkeeper = await playSide(startGrantkeeperSide, narrator, options);
  return { naive, grantkeeper };
}

type Start = (clock: MovableClock, switches: Partial<Switches>) => Promise<Side>;

async function playSide(start: Start, narrator: Narrator, { tries = 5, switches = {} }: StoryOptions): Promise<Tally> {
  const clock = createMovableClock(begin);
  const side = await start(clock, switches);
  try {
    const orphaned: number[] = [];
    const scene = { side, narrator, clock, orphaned, news: createGrantNews(side.books) };
    await connect(scene, firstIntegration, `${user.name} connects "${firstIntegration}".`);
    await read(scene, firstIntegration);
    for (let number = 1; number <= tries; number += 1) {
      await side.pass(minuteMs);
      await connect(scene, secondIntegration, `${user.name} connects "${secondIntegration}", try ${number}.`);
      await read(scene, firstIntegration);
    }
    await side.pass(untilMendedMs);
    side.mend();
    await connect(
      scene,
      secondIntegration,
      `The cause is mended; ${user.name} connects "${secondIntegration}" once more.`,
    );
    await side.pass(untilStaleMs);
    const laterFromMs = clock.now();
    narrator.event(laterFromMs, 'Two hours later the first access tokens have ended, and the day goes on.');
    for (const integration of [firstIntegration, secondIntegration]) await read(scene, integration);
    return {
      books: tallyBooks(side.books, laterFromMs),
      store: tallyStore(side.books, await side.refreshTokens(), orphaned, await side.configured()),
    };
  } finally {
    await side.close();
  }
}

interface Scene {
  readonly side: Side;
  readonly narrator: Narrator;
  readonly clock: MovableClock;
  readonly news: GrantNews;
  /** After each connect, the live grants whose tokens are stored nowhere. */
  readonly orphaned: number[];
}

async function connect(scene: Scene, integration: string, opening: string): Promise<void> {
  const { side, narrator, clock, news, orphaned } = scene;
  const { answer, failure } = await side.connect(integration);
  const { text, evicted } = news.latest();
  narrator.event(clock.now(), `${opening} ${text}`, evicted ? 'bad' : 'plain');
  const outcome = failure === undefined ? 'It is set up.' : `The set-up fails: ${failure}.`;
  narrator.also(`${outcome} ${answer}`);
  const stored = await side.refreshTokens();
  orphaned.push(orphanedGrants(side.books, stored));
  narrator.also(`Grants live at Salesforce: ${side.books.liveGrants().length}. Token pairs stored: ${stored.length}.`);
}

async function read({ side, narrator }: Scene, integration: string): Promise<void> {
  const outcome = await side.read(integration);
  if (outcome.kind === 'read') narrator.also(`"${integration}" reads from Salesforce.`, 'good');
  else narrator.also(`"${integration}" cannot read: ${outcome.because}.`, 'bad');
}
