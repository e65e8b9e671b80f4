/**
 * The runbook, done: its commands are read from the page and run, its acts in Setup are done to the simulator, time is
 * passed where it says to wait. Between all of them, functions warm and cold ask for tokens.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock, type TestContext } from 'node:test';
import { parseCommandLine } from '../../cli/command-line.ts';
import { createKmsKeyRing } from '../../cli/kms-key-ring.ts';
import { createPemKeyRing } from '../../cli/pem-key-ring.ts';
import { signingKey } from '../../cli/signing-key.ts';
import { Simulator } from '../../dev/simulator/simulator.ts';
import { createKmsSigningKeys } from '../../functions/adapters/kms-signing-keys.ts';
import { createPemSigningKeys } from '../../functions/adapters/pem-signing-keys.ts';
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import { unsetClientSecret } from '../../functions/adapters/secrets-manager-client-secrets.ts';
import { createSystemRandom } from '../../functions/adapters/system-random.ts';
import { parseConfig } from '../../functions/core/config.ts';
import type { SigningKeys } from '../../functions/core/ports.ts';
import { askByAssertion, createAssertions } from '../../functions/flows/ask-by-assertion.ts';
import { playedKms } from '../cli/played-kms.ts';
import { playedSecret } from '../cli/played-secret.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/runbooks/rotate-signing-key.md'), 'utf8');
const origin = 'http://127.0.0.1:9';
const username = 'ada@acme.example';
const name = 'crm-jwt';
const clientId = 'local-jwt-client';
const prefix = 'Grantkeeper/';
type Place = 'kms' | 'pem';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grantkeeper-runbook-'));
  // The Secrets Manager adapter's cache has no clock of ours.
  mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-21T12:00:00Z') });
});
afterEach(() => {
  mock.timers.reset();
  rmSync(folder, { recursive: true });
});

/** Steps of one chapter: their headings, and the shell lines below each. */
function stepsOf(chapter: string): { title: string; commands: string[] }[] {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`)) ?? '';
  return text
    .split(/^### \d+\. /m)
    .slice(1)
    .map((step) => ({ title: step.split('\n')[0] ?? '', commands: commandsOf(step) }));
}

function commandsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}

async function world(test: TestContext, place: Place, certificatesPerApp: 1 | 2) {
  const now = () => Date.now();
  const app = { clientId, redirectUris: [], scopes: ['api'], preauthorized: [username] };
  const simulator = new Simulator({ origin, now, apps: [app], switches: { certificatesPerApp } });
  const salesforce = createSalesforceHttp({
    fetch: (input: string | URL | Request, init?: RequestInit) => simulator.fetch(new Request(input, init)),
  });
  const config = parseConfig(
    {
      apps: { [name]: { clientId, flow: 'jwt_bearer', signingKey: place, loginUrl: origin } },
      salesforceOrigin: origin,
    },
    'the test',
  );
  const { ring, freshKeys } = await (place === 'kms' ? inKms(test, now) : inSecret(test));
  const random = createSystemRandom();
  const clock = { now, wait: async () => {} };
  const log = { info() {}, warn() {}, error() {} };

  /** A process of a function: what it has read of the keys, it remembers. */
  function startProcess() {
    const assertions = createAssertions({ signingKeys: freshKeys(), clock, random });
    const ports = { salesforce, log, metrics: { add() {} } };
    return async () => {
      const order = { name, app: config.apps[name]!, username, loginUrl: origin };
      return (await askByAssertion(ports, assertions, await assertions.signed(order), () => true)).kind;
    };
  }

  async function run(command: string) {
    const [program, ...args] = command.split(' ');
    if (program === 'sleep') return void mock.timers.tick(Number(args[0]) * 1000);
    if (program === 'openssl') return assertCertificate(String(args[2]));
    assert.deepEqual([program, args.shift()], ['npx', 'grantkeeper'], command);
    const parsed = parseCommandLine(args);
    assert.equal(parsed.kind, 'signing-key', command);
    if (parsed.kind !== 'signing-key') return;
    const { app, key, rotate } = parsed.options;
    const out = join(folder, `${app}-${key ?? (rotate ? '2' : '1')}.crt`);
    const { good, lines } = await signingKey(
      { ...parsed.options, out },
      { config, ringOf: () => ring, salesforce, random, now },
    );
    assert.ok(good, lines.join('\n'));
  }

  const upload = (file: string) => simulator.registerCertificate(clientId, readFileSync(join(folder, file), 'utf8'));
  const removeOld = () =>
    simulator.changeApp(clientId, { certificates: [readFileSync(join(folder, `${name}-2.crt`), 'utf8')] });
  return { simulator, startProcess, run, upload, removeOld };
}

function assertCertificate(file: string): void {
  assert.equal(new X509Certificate(readFileSync(join(folder, file))).subject, `CN=${name}`);
}

async function inKms(test: TestContext, now: () => number) {
  const { client } = await playedKms(test);
  const freshKeys = (): SigningKeys => createKmsSigningKeys({ client, prefix, now });
  return { ring: createKmsKeyRing({ client, prefix, app: name }), freshKeys };
}

async function inSecret(test: TestContext) {
  const { client } = await playedSecret(test, `${prefix}${name}/signing-key`, unsetClientSecret);
  const freshKeys = (): SigningKeys => createPemSigningKeys({ client, prefix });
  return { ring: createPemKeyRing({ client, prefix, app: name }), freshKeys };
}

/** What a step's heading asks to be done in Setup. */
const inSetup: Record<string, (made: Awaited<ReturnType<typeof world>>) => void> = {
  'Upload the new certificate': ({ upload }) => upload(`${name}-2.crt`),
  'Remove the old certificate': ({ removeOld }) => removeOld(),
};

async function beforeRotation(test: TestContext, place: Place, certificatesPerApp: 1 | 2) {
  const made = await world(test, place, certificatesPerApp);
  await made.run(`npx grantkeeper signing-key ${name}`);
  made.upload(`${name}-1.crt`);
  return made;
}

describe('the rotation of a signing key', () => {
  for (const place of ['kms', 'pem'] as const) {
    for (const held of [1, 2] as const) {
      it(`has no gap with a key in ${place} and ${held} certificate(s) at Salesforce`, async (test) => {
        const made = await beforeRotation(test, place, held);
        const warm = [made.startProcess()];
        const assertNoGap = async (after: string) => {
          // One more for each moment: what a process read last depends on when it began.
          warm.push(made.startProcess());
          for (const ask of warm) assert.equal(await ask(), 'tokens', `refused after: ${after}`);
        };
        await assertNoGap('the beginning');
        for (const { title, commands } of stepsOf('Rotate the key')) {
          assert.ok(commands.length > 0, `no command in ${title}`);
          inSetupBefore(title, made);
          for (const command of commands) {
            await made.run(command);
            await assertNoGap(command);
          }
        }
        assert.equal(warm.length, 8);
      });
    }
  }

  it('needs the wait: a function that knows the old key only is refused where Salesforce holds one', async (test) => {
    const made = await beforeRotation(test, 'kms', 1);
    const warm = made.startProcess();
    assert.equal(await warm(), 'tokens');
    for (const { title, commands } of stepsOf('Rotate the key').slice(0, 3)) {
      inSetupBefore(title, made);
      for (const command of commands.filter((line) => !line.startsWith('sleep'))) await made.run(command);
    }
    assert.equal(await warm(), 'refused');
    assert.equal(await made.startProcess()(), 'tokens');
  });

  it('does not pass its check before the certificate is uploaded', async (test) => {
    const made = await beforeRotation(test, 'pem', 2);
    const steps = stepsOf('Rotate the key');
    await made.run(steps[0]?.commands[0] ?? '');
    await assert.rejects(made.run(steps[3]?.commands[0] ?? ''), /does not take key 2 .*invalid assertion/);
  });
});

describe('the renewal of a certificate', () => {
  it('has no gap, and ends with a certificate of the same key', async (test) => {
    const made = await beforeRotation(test, 'kms', 1);
    const warm = made.startProcess();
    const before = new X509Certificate(readFileSync(join(folder, `${name}-1.crt`)));
    const chapter = page.split(/^## /m).find((part) => part.startsWith('Renew the certificate only')) ?? '';
    const [write = '', check = ''] = commandsOf(chapter);
    assert.match(chapter, /upload `crm-jwt-1\.crt`/);
    await made.run(write);
    assert.equal(await warm(), 'tokens');
    made.upload(`${name}-1.crt`);
    assert.equal(await warm(), 'tokens');
    await made.run(check);
    const after = new X509Certificate(readFileSync(join(folder, `${name}-1.crt`)));
    assert.ok(after.publicKey.equals(before.publicKey));
    assert.notEqual(after.serialNumber, before.serialNumber);
  });
});

function inSetupBefore(title: string, made: Awaited<ReturnType<typeof world>>): void {
  const act = inSetup[title];
  const text = page.split(`. ${title}\n`)[1]?.split(/^##/m)[0] ?? '';
  assert.equal(/^In Salesforce/m.test(text), act !== undefined, `is "${title}" done in Setup?`);
  act?.(made);
}
