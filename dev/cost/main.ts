/** `npm run cost`: measures, and prints the page; with `-- --write` keeps what was measured, and writes docs/cost.md. */
import { writeFileSync } from 'node:fs';
import { templateWith } from '../../test/lib/synthesized.ts';
import { keep } from './kept.ts';
import { measure } from './measure.ts';
import { costPage, type Kept } from './page.ts';
import { standingOf } from './standing.ts';

const template = templateWith({ config: { apps: { crm: { clientId: 'crm-client', claim: false } } } });
const kept: Kept = {
  measuredOn: new Date().toISOString().slice(0, 10),
  measured: await measure(),
  standing: standingOf(template),
};
const page = costPage(kept);
console.log(page);
if (process.argv.includes('--write')) {
  keep(kept);
  writeFileSync(new URL('../../docs/cost.md', import.meta.url), page);
}
