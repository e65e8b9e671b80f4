/** The three scenes of the story, each the same for both sides: told as they happen, and counted. */
import { type MovableClock, minuteMs } from './movable-clock.ts';
import type { Narrator } from './narrator.ts';
import { firstIntegration, secondIntegration, user } from './set-up.ts';
import type { ConnectOutcome, Side } from './side.ts';
import { type ChapterTally, type EndTally, type Tally, tallyChapter, tallyTokenRequests } from './tally.ts';
import { countsOf, newsOf, readingOf } from './telling.ts';
import { createWatch, type Sight, type Watch } from './watch.ts';

export interface Scene {
  readonly side: Side;
  readonly narrator: Narrator;
  readonly clock: MovableClock;
  readonly watch: Watch;
  /** What was last told of each integration's reading: only a change is told. */
  readonly told: Map<string, string>;
}

export function createScene(side: Side, narrator: Narrator, clock: MovableClock): Scene {
  return { side, narrator, clock, watch: createWatch(side), told: new Map() };
}

const untilMendedMs = 20 * minuteMs;
const untilStaleMs = 120 * minuteMs;

/** The first integration works; the set-up of the second fails `tries` times, and succeeds once its cause is mended. */
export async function failingSetUps(scene: Scene, tries: number): Promise<Tally['setUps']> {
  const { side, clock, narrator, watch } = scene;
  const first = await side.connect(firstIntegration);
  const sight = await watch.look();
  narrator.event(clock.now(), `${user.name} connects "${firstIntegration}". ${newsOf(sight)} ${wordsOf(first)}`);
  await read(scene, firstIntegration);
  const before = await side.storedTokens();
  await tryAgainAndAgain(scene, tries);

  await side.pass(untilMendedMs);
  const after = await side.storedTokens();
  const failed = side.failedSetUps();
  side.mend();
  const mended = await side.connect(secondIntegration);
  const last = await watch.look();
  const opening = `The cause is mended, and ${user.name} tries once more.`;
  narrator.event(clock.now(), `${opening} ${newsOf(last)} ${wordsOf(mended)} ${countsOf(last)}`, toneOf(last));
  for (const integration of [firstIntegration, secondIntegration]) await read(scene, integration);
  const sameTokens = JSON.stringify(after) === JSON.stringify(before);
  return { ...tallyChapter(watch.taken()), failed, sameTokens };
}

/** A try that goes as the one before is not told again. */
async function tryAgainAndAgain(scene: Scene, tries: number): Promise<void> {
  const { side, clock, narrator, watch } = scene;
  let [said, words, alike] = ['', '', 0];
  const tellAlike = (last: number) => {
    const which = alike === 1 ? `Try ${last}` : `Tries ${last - alike + 1} to ${last}`;
    if (alike > 0) narrator.event(clock.now(), `${which}: as before.`);
    alike = 0;
  };
  for (let number = 1; number <= tries; number += 1) {
    await side.pass(minuteMs);
    const outcome = await side.connect(secondIntegration);
    const sight = await watch.look();
    const saying = [newsOf(sight), wordsOf(outcome), countsOf(sight)].join(' ');
    if (saying === said) {
      alike += 1;
    } else {
      tellAlike(number - 1);
      const parts = [newsOf(sight), ...(wordsOf(outcome) === words ? [] : [wordsOf(outcome)]), countsOf(sight)];
      const opening = number === 1 ? `${user.name} connects "${secondIntegration}", try 1:` : `Try ${number}:`;
      narrator.event(clock.now(), `${opening} ${parts.join(' ')}`, toneOf(sight));
    }
    [said, words] = [saying, wordsOf(outcome)];
    await read(scene, firstIntegration);
  }
  tellAlike(tries);
}

/** Whoever cannot read authorizes again; then the second integration is authorized anew, `rounds` times in a row. */
export async function authorizingAnew(scene: Scene, rounds: number): Promise<ChapterTally> {
  const { side, clock, narrator, watch } = scene;
  await side.pass(minuteMs);
  for (const integration of [firstIntegration, secondIntegration]) {
    if (scene.told.get(integration) === readingOf(integration, { kind: 'read' })) continue;
    await side.authorizeAgain(integration);
    const sight = await watch.look();
    const opening = `${user.name} has to authorize "${integration}" again.`;
    narrator.event(clock.now(), `${opening} ${newsOf(sight)} ${countsOf(sight)}`, toneOf(sight));
    await read(scene, integration);
  }
  const cures = watch.taken();
  await authorizeAgainAndAgain(scene, rounds);
  const sights = watch.taken();
  const last = sights.at(-1);
  if (last !== undefined) {
    const { authorizations, evictions, givenBack } = tallyChapter(sights);
    const sum = `Salesforce opened ${authorizations} grants and ended ${evictions.length}; ${givenBack} were given back.`;
    narrator.event(clock.now(), `${rounds} times done. ${sum} ${countsOf(last)}`);
  }
  return tallyChapter([...cures, ...sights]);
}

/** Of many rounds those are told in which something happens for the first time. */
async function authorizeAgainAndAgain(scene: Scene, rounds: number): Promise<void> {
  const { side, clock, narrator, watch } = scene;
  const seen = new Set<string>();
  for (let number = 1; number <= rounds; number += 1) {
    await side.pass(minuteMs);
    const { failure } = await side.authorizeAgain(secondIntegration);
    const sight = await watch.look();
    const fresh = kindsOf(sight, failure).filter((kind) => !seen.has(kind));
    for (const kind of fresh) seen.add(kind);
    if (fresh.length > 0) {
      const opening =
        number === 1 ? `${user.name} authorizes "${secondIntegration}" anew, time 1 of ${rounds}:` : `Time ${number}:`;
      narrator.event(clock.now(), `${opening} ${newsOf(sight)} ${countsOf(sight)}`, toneOf(sight));
    }
    for (const integration of [firstIntegration, secondIntegration]) await read(scene, integration);
  }
}

function kindsOf({ evicted, givenBack }: Sight, failure: string | undefined): string[] {
  const kinds = ['opened'];
  if (evicted.length > 0) kinds.push('evicted');
  if (evicted.some(({ stored }) => stored)) kinds.push('stored grant evicted');
  if (givenBack.length > 0) kinds.push('given back');
  return failure === undefined ? kinds : [...kinds, failure];
}

export async function twoHoursLater(scene: Scene): Promise<EndTally> {
  const { side, clock, narrator, watch, told } = scene;
  await side.pass(untilStaleMs);
  const sight = await watch.look();
  const opening = 'Two hours later the access tokens have ended, and the day goes on.';
  narrator.event(clock.now(), `${opening} ${countsOf(sight)}`);
  told.clear();
  const reading: string[] = [];
  for (const integration of [firstIntegration, secondIntegration]) {
    if (await read(scene, integration)) reading.push(integration);
  }
  const { live, stored, honoured, orphaned } = sight;
  const [configured, ledger] = [await side.configured(), await side.ledger?.()];
  return {
    live,
    stored,
    honoured,
    orphaned,
    configured,
    reading,
    tokenRequests: tallyTokenRequests(side.books),
    ledger,
  };
}

/** One that goes as the one before is not told again. */
async function read({ side, narrator, watch, told }: Scene, integration: string): Promise<boolean> {
  const outcome = await watch.reading(() => side.read(integration));
  const reading = readingOf(integration, outcome);
  if (told.get(integration) !== reading) narrator.also(reading, outcome.kind === 'read' ? 'good' : 'bad');
  told.set(integration, reading);
  return outcome.kind === 'read';
}

function wordsOf({ answer, failure }: ConnectOutcome): string {
  return failure === undefined ? `${answer} It is set up.` : `${answer} The set-up fails: ${failure}.`;
}

function toneOf({ evicted }: Sight): 'bad' | 'plain' {
  return evicted.some(({ stored }) => stored) ? 'bad' : 'plain';
}
