/** A person with a page of docs/runbooks and a bash, on the local stack of an org that has died. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Flow, org, startFlow } from '../support/flow.ts';
import { root } from './runbook-page.ts';

/** The page's shell needs them; where a machine has none, this is not shown. CI has both. */
const missing = ['curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
export const skip = missing.length > 0 && process.env.CI === undefined ? `install ${missing.join(' and ')}` : false;

const hourMs = 3_600_000;
const minuteMs = 60_000;

export interface Ran {
  readonly status: number;
  readonly output: string;
}

/** What the blocks before have set stays set, with the value that it had then, as in the reader's shell. */
export function createShell(url: string): (script: string) => Promise<Ran> {
  let said = `set -uo pipefail\ncd '${root}'\nnpx() { shift; '${process.execPath}' '${join(root, 'cli/grantkeeper.mjs')}' "$@"; }\n`;
  return async (script: string): Promise<Ran> => {
    const local = script.replace('. docs/runbooks/shell.sh', `. docs/runbooks/shell.sh ${url}`);
    const names = [...local.matchAll(/^([A-Z]+)=/gm)].map(([, name]) => name);
    if (names.length === 0) return bash(`${said}\n${local}\n`);
    const ran = await bash(`${said}\n${local}\ndeclare -p ${names.join(' ')}\n`);
    said += [...local.matchAll(/^\. .*$/gm), ran.output].map(String).join('\n').concat('\n');
    return { ...ran, output: '' };
  };
}

function bash(script: string): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    const child = execFile('bash', [], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code ?? 1);
      resolve({ status, output: `${stdout}${status === 0 ? '' : stderr}`.trimEnd() });
    });
    child.stdin?.end(script);
  });
}

/** All users of the org, one integration each; then the org ends their grants, and the schedule finds it out. */
export async function deadOrg(): Promise<Flow> {
  const flow = await startFlow();
  for (const [index, { username }] of org.users.entries()) await flow.connect({ tenant: `t${index}` }, username);
  for (const grant of flow.simulator.books.liveGrants()) flow.simulator.revokeGrant(grant.id);
  flow.clock.advance(3 * hourMs);
  await minutes(flow, 6);
  return flow;
}

export async function minutes(flow: Flow, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) {
    const ended = flow.stack.tick().then(() => 'ended');
    while ((await Promise.race([ended, flow.clock.someoneWaits(5_000)])) !== 'ended') flow.clock.advance(5_000);
    flow.clock.advance(minuteMs);
  }
}
