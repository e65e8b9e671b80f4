/**
 * `npm run demo`: why Grantkeeper exists, played in seconds. Exits with 1 where the story does not come out as told,
 * so that CI notices when it stops being true.
 */
import { createNarrator } from './narrator.ts';
import { playStory, type Story } from './story.ts';
import { tableOf } from './table.ts';
import type { Tally } from './tally.ts';
import { deviationsOf } from './verdict.ts';

const narrator = createNarrator(console.log, { colours: process.stdout.isTTY === true && !process.env.NO_COLOR });
const story = await playStory(narrator);
narrator.chapter('3. What the books say');
narrator.block(tableOf(story));
const deviations = deviationsOf(story);
if (deviations.length === 0) {
  narrator.paragraph(moralOf(story));
} else {
  narrator.paragraph(`The story did not come out as told: ${deviations.join('; ')}.`);
  process.exitCode = 1;
}

function moralOf({ naive, grantkeeper }: Story): string {
  const lost = [...naive.setUps.evictions, ...naive.reauthorizations.evictions].filter(({ stored }) => stored);
  const made = ({ setUps, reauthorizations }: Tally) => setUps.authorizations + reauthorizations.authorizations;
  const ended = lost.map(({ grant, by }) => `${by} ended ${grant}`).join(', ');
  return `The handler's database lost its live grant ${lost.length} times (${ended}) in ${made(naive)} authorizations. Grantkeeper spent ${grantkeeper.setUps.authorizations} on the set-ups, however often they failed, ${made(grantkeeper)} in all, and reads on with the ${grantkeeper.end.live} that lives.`;
}
