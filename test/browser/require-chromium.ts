/** `npm run test:browser` begins here: says at once that there is no Chromium, and not once for each test. */
import { chromiumProblem } from './chromium.ts';

const problem = chromiumProblem();
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
