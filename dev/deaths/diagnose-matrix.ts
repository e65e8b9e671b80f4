/** `npm run diagnose:matrix -- [deaths of each cause] [seed]`: prints the confusion matrix of the diagnosis. */
import { manyDeaths } from './many-deaths.ts';

const [deaths, seed] = process.argv.slice(2).map(Number);
const { matrix, wrong } = await manyDeaths(wholeNumber(deaths, 200, 'deaths'), wholeNumber(seed, 1, 'seed'));
console.log(matrix.print());
if (wrong.length > 0) console.log(`\nWrong, and more than possible: ${wrong.length}. The first of each kind:`);
const kinds = Object.values(Object.groupBy(wrong, ({ truth, cause }) => `${truth} ${cause}`));
for (const [first, ...more] of kinds.map((all = []) => all)) {
  if (first === undefined) continue;
  console.log(
    `\n${first.truth} taken for ${first.cause} (${first.confidence}), ${1 + more.length} times; seed ${first.seed}`,
  );
  for (const sentence of first.evidence) console.log(`  ${sentence}`);
}

function wholeNumber(given: number | undefined, otherwise: number, name: string): number {
  if (given === undefined) return otherwise;
  if (Number.isInteger(given) && given > 0) return given;
  throw new Error(`${name} must be a whole number above 0, got ${given}.`);
}
