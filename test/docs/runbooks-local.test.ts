/**
 * Every command of every page that asks the API, run by bash on the local stack of an org that has died: whoever reads the
 * page at night finds what it names in the answers. Those that ask AWS are not run here.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Flow } from '../support/flow.ts';
import { blocksOf, readRunbook, runbookNames } from './runbook-page.ts';
import { createShell, deadOrg, skip } from './runbook-reader.ts';

/** Of AWS, of Salesforce, of another place; or a wait, or a question to the reader. */
const elsewhere =
  /\b(?:aws|cdk|sleep|output|resource|secret_of|lambda_of|logs_of|curl|openssl|read -rs|npx grantkeeper (?!doctor))\b/;
/** They change what the pages after them look at. */
const changes = /gk DELETE/;
/** What the pages leave to the reader. */
const values = ['APP=crm', 'ORG=00D5g000004aCmeEAE', 'ID=crm.00D5g000004aCmeEAE.0055g00000AdaLvAAJ'];

function commandsOf(name: string): readonly string[] {
  return blocksOf(readRunbook(name))
    .map(({ script }) => script)
    .filter((script) => /\bgk |\bconnections "|npx grantkeeper doctor/.test(script))
    .filter((script) => !elsewhere.test(script) && !changes.test(script));
}

/** A session that the page does not have, an app that is not ours here, a user's name. */
const unknownHere = /connect-sessions\/|crm-jwt|TENANT"/;

describe('the commands of the pages that ask the API', { skip }, () => {
  let flow: Flow;
  before(async () => {
    flow = await deadOrg();
  });
  after(() => flow.close());

  for (const name of runbookNames.filter((page) => page !== 'org-dies' && commandsOf(page).length > 0)) {
    it(`find what they name: ${name}`, async () => {
      const run = createShell(flow.stack.url);
      await run(`. docs/runbooks/shell.sh\n${values.join('\n')}`);
      for (const script of commandsOf(name).filter((one) => !unknownHere.test(one))) {
        const { status, output } = await run(script);
        // The doctor says so where something needs a person.
        const expected = /npx grantkeeper doctor$/.test(script) ? 1 : 0;
        assert.equal(status, expected, `${script}\n${output}`);
        assert.doesNotMatch(output, /\bnull\b|^jq: /m, `${script}\n${output}`);
      }
    });
  }

  it('are many, and one that names what there is not shows it', async () => {
    assert.ok(runbookNames.flatMap(commandsOf).length > 20);
    const run = createShell(flow.stack.url);
    await run('. docs/runbooks/shell.sh\nAPP=crm');
    assert.match((await run("gk GET /health | jq '.overdue.number'")).output, /null/);
  });
});
