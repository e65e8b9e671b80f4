/**
 * The story of design.md's first paragraph, played on both sides: retries of a failed set-up, each with an
 * authorization of its own, end the grant of an integration that worked; authorizing again and again ends it once more.
 * Counted at the end, never told beforehand.
 */
import { defaultSwitches, type Switches } from '../simulator/switches.ts';
import { startGrantkeeperSide } from './grantkeeper-side.ts';
import { createMovableClock, type MovableClock } from './movable-clock.ts';
import { startNaiveSide } from './naive-side.ts';
import type { Narrator } from './narrator.ts';
import { authorizingAnew, createScene, failingSetUps, twoHoursLater } from './scenes.ts';
import { firstIntegration, secondIntegration, user } from './set-up.ts';
import type { Side } from './side.ts';
import type { Tally } from './tally.ts';

export interface StoryOptions {
  /** How often the set-up of the second integration fails. @default 10 */
  readonly tries?: number;
  /** How often the customer authorizes again afterwards. @default 20 */
  readonly rounds?: number;
  /** Of the simulated Salesforce on both sides. */
  readonly switches?: Partial<Switches>;
}

export interface Story {
  readonly tries: number;
  readonly rounds: number;
  readonly naive: Tally;
  readonly grantkeeper: Tally;
}

const begin = Date.parse('2026-03-02T09:00:00Z');

export async function playStory(narrator: Narrator, options: StoryOptions = {}): Promise<Story> {
  const { tries = 10, rounds = 20, switches = {} } = options;
  const { grantLimit, eviction } = { ...defaultSwitches(), ...switches };
  const victim = eviction === 'lru' ? 'the least recently used' : 'the oldest';
  narrator.paragraph(
    `${user.name} connects "${firstIntegration}" and "${secondIntegration}" to Salesforce. The set-up of "${secondIntegration}" fails ${tries} times; later she authorizes it ${rounds} times anew. Salesforce keeps ${grantLimit} grants of a user for an app: one more ends ${victim}, and nobody is told. After each step: how many of her grants live there, and of how many the tokens are stored.`,
  );
  const play = (start: Start) => playSide(start, narrator, { tries, rounds, switches });
  narrator.chapter('1. A handler that saves the tokens in the transaction of the set-up');
  const naive = await play(startNaiveSide);
  narrator.chapter('2. Grantkeeper: the same customer does the same');
  const grantkeeper = await play(startGrantkeeperSide);
  return { tries, rounds, naive, grantkeeper };
}

type Start = (clock: MovableClock, switches: Partial<Switches>) => Promise<Side>;

async function playSide(
  start: Start,
  narrator: Narrator,
  { tries, rounds, switches }: Required<StoryOptions>,
): Promise<Tally> {
  const clock = createMovableClock(begin);
  const side = await start(clock, switches);
  try {
    const scene = createScene(side, narrator, clock);
    const setUps = await failingSetUps(scene, tries);
    const reauthorizations = await authorizingAnew(scene, rounds);
    return { setUps, reauthorizations, end: await twoHoursLater(scene) };
  } finally {
    await side.close();
  }
}
