/**
 * `npm run demo`: why Grantkeeper exists, played in seconds. Exits with 1 where the story does not come out as told,
 * so that CI notices when it stops being true.
 */
import { createNarrator } from './narrator.ts';
import { playStory, type Story } from './story.ts';
import { tableOf } from './table.ts';
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
  const { books } = naive;
  const killer = books.evictions[0]?.by;
  return `The handler asked ${books.authorizations} times, and ${killer} ended the grant that was in its database; Grantkeeper asked ${grantkeeper.books.authorizations} times, stored the tokens first, and keeps reading with ${grantkeeper.books.live} live grant.`;
}
