/** The command line of `npx grantkeeper`, judged before anything is read or made. */
import { parseArgs } from 'node:util';
import { defaultSigningKeyPrefix, type SigningKeyId, signingKeyIds } from '../functions/adapters/signing-key-names.ts';
import { appPattern } from '../functions/core/ids.ts';
import { defaultConfigurationFile } from '../lib/configuration-file.ts';
import { type AdoptRestoreLine, adoptRestoreUsage, parseAdoptRestore } from './adopt-restore-line.ts';
import { type DataKeysLine, dataKeysUsage, parseDataKeys } from './data-keys-line.ts';

export interface SigningKeyOptions {
  readonly app: string;
  /** Begins the names of keys and secrets. */
  readonly prefix: string;
  /** Where the configuration is. */
  readonly config: string;
  /** Where the certificate goes. @default `<app>-<key>.crt` */
  readonly out?: string;
  readonly days: number;
  readonly key?: SigningKeyId;
  readonly rotate: boolean;
  readonly retire?: SigningKeyId;
  /** A username: ask Salesforce for a token with each key. */
  readonly try?: string;
}

export interface DoctorOptions {
  /** The API's address. */
  readonly url: string;
  /** The answer itself in place of a report. */
  readonly json: boolean;
}

export type CommandLine =
  | { readonly kind: 'signing-key'; readonly options: SigningKeyOptions }
  | AdoptRestoreLine
  | DataKeysLine
  | { readonly kind: 'doctor'; readonly options: Partial<Pick<DoctorOptions, 'url'>> & Pick<DoctorOptions, 'json'> }
  | { readonly kind: 'help' }
  /** The exit code is that of the command, where one was named: 1 of the doctor would mean something else. */
  | { readonly kind: 'wrong'; readonly message: string; readonly exitCode: 1 | 2 };

const defaultDays = 730;
const mostDays = 3_650;

const signingKeyUsage = `Usage: npx grantkeeper signing-key APP [options]

Makes the key that signs the assertions of APP (flow jwt_bearer) where there is none yet, and writes the certificate to upload
to Salesforce. Run again, it writes a new certificate for the same key.

  --out FILE             Where the certificate goes. Default APP-KEY.crt, for example crm-jwt-1.crt.
  --days N               How long the certificate is good, 1 to ${mostDays}. Default ${defaultDays}.
  --key 1|2              Which key's certificate to write, where there are two.
  --rotate               Make the second key and its certificate, beside the first.
  --retire 1|2           End this key. Refused where no other could take over.
  --try USERNAME         Ask Salesforce for a token as this user with each key (or --key), and say which it takes.
  --stack-prefix PREFIX  Begins the names of keys and secrets: the stack's name and "/". Default ${defaultSigningKeyPrefix}
  --config FILE          The configuration. Default ${defaultConfigurationFile}
  --help                 This text.

docs/runbooks/rotate-signing-key.md has the rotation step by step.
`;

const doctorUsage = `Usage: npx grantkeeper doctor [--url URL] [--json]

Asks GET /health and says what needs a person, what to do about it, and what else is known. Exit code 0: nothing needs a
person; 1: something does; 2: it could not be asked.

  --url URL              The API's address. Default GRANTKEEPER_URL, or the local stack at http://127.0.0.1:3000.
                         Signed for AWS, but for addresses of this machine.
  --json                 The answer itself.
  --help                 This text.
`;

const usages: ReadonlyMap<string, string> = new Map([
  ['signing-key', signingKeyUsage],
  ['doctor', doctorUsage],
  ['adopt-restore', adoptRestoreUsage],
  ['data-keys', dataKeysUsage],
]);

const overview = `Usage: npx grantkeeper COMMAND [options]

  doctor                 Says what needs a person, and what to do about it.
  signing-key            Makes, renews, rotates and tries the key that signs for an app with flow jwt_bearer.
  adopt-restore          Takes a restored table into use.
  data-keys              Shows, replaces and prunes the keys that seal one org's tokens, or forgets the org.

npx grantkeeper COMMAND --help says more of each. AWS is reached as by every AWS tool: AWS_PROFILE, AWS_REGION,
AWS_ENDPOINT_URL.
`;

/** Of the command that was named, and no other: whoever mistyped an option looks for it, and for what was wrong above. */
export function usageFor(args: readonly string[]): string {
  const named = args.find((arg) => usages.has(arg));
  return (named !== undefined && usages.get(named)) || overview;
}

export function parseCommandLine(args: readonly string[]): CommandLine {
  if (args[0] === 'adopt-restore') return parseAdoptRestore(args.slice(1));
  if (args[0] === 'data-keys') return parseDataKeys(args.slice(1));
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    // What follows is advice on an argument that begins with a dash.
    return wrong(`${(error as Error).message.split('. To specify')[0]}.`, args[0] === 'doctor' ? 2 : 1);
  }
  const { values, positionals } = parsed;
  const [command, ...rest] = positionals;
  if (values.help === true) return { kind: 'help' };
  if (command === undefined) return wrong('Name a command.');
  if (command === 'signing-key') return signingKeyOf(rest, values);
  if (command === 'doctor') return doctorOf(rest, values);
  return wrong(`There is no command ${JSON.stringify(command)}.`);
}

type Values = ReturnType<typeof parse>['values'];

function signingKeyOf([app, ...rest]: readonly string[], values: Values): CommandLine {
  const foreign = (['url', 'json'] as const).find((name) => values[name] !== undefined);
  if (foreign !== undefined) return wrong(`signing-key takes no --${foreign}.`);
  if (app === undefined) return wrong('signing-key needs the name of an app.');
  if (!appPattern.test(app)) return wrong(`An app is named as in the configuration; got ${JSON.stringify(app)}.`);
  if (rest.length > 0) return wrong(`signing-key takes one app; got ${JSON.stringify(rest[0])} besides.`);
  return optionsOf(app, values);
}

function doctorOf([surplus]: readonly string[], { url, json = false, ...others }: Values): CommandLine {
  const [foreign] = Object.keys(others);
  if (foreign !== undefined) return wrong(`doctor takes no --${foreign}.`, 2);
  if (surplus !== undefined) return wrong(`doctor takes options only; got ${JSON.stringify(surplus)}.`, 2);
  if (url?.trim() === '') return wrong('--url is empty.', 2);
  return { kind: 'doctor', options: { json, ...(url === undefined ? {} : { url }) } };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      days: { type: 'string' },
      key: { type: 'string' },
      rotate: { type: 'boolean' },
      retire: { type: 'string' },
      try: { type: 'string' },
      'stack-prefix': { type: 'string' },
      config: { type: 'string' },
      url: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

/** One act at a time. */
const acts = ['rotate', 'retire', 'try'] as const;

function optionsOf(app: string, values: Values): CommandLine {
  const given = [...acts, 'key' as const].filter((act) => values[act] !== undefined);
  if (given.length > 1 && given.join() !== 'try,key') {
    return wrong(`${given.map((act) => `--${act}`).join(' and ')} do not go together.`);
  }
  for (const act of ['key', 'retire'] as const) {
    if (values[act] !== undefined && !isKeyId(values[act])) {
      return wrong(`--${act} must be ${signingKeyIds.join(' or ')}; got ${JSON.stringify(values[act])}.`);
    }
  }
  const days = values.days ?? String(defaultDays);
  if (!/^\d{1,4}$/.test(days) || Number(days) < 1 || Number(days) > mostDays) {
    return wrong(`--days must be a whole number from 1 to ${mostDays}; got ${JSON.stringify(days)}.`);
  }
  for (const name of ['out', 'config', 'try'] as const) {
    if (values[name]?.trim() === '') return wrong(`--${name} is empty.`);
  }
  return {
    kind: 'signing-key',
    options: {
      app,
      prefix: values['stack-prefix'] ?? defaultSigningKeyPrefix,
      config: values.config ?? defaultConfigurationFile,
      out: values.out,
      days: Number(days),
      key: keyIdOf(values.key),
      rotate: values.rotate ?? false,
      retire: keyIdOf(values.retire),
      try: values.try,
    },
  };
}

function isKeyId(value: string): value is SigningKeyId {
  return signingKeyIds.some((id) => id === value);
}

function keyIdOf(value: string | undefined): SigningKeyId | undefined {
  return value !== undefined && isKeyId(value) ? value : undefined;
}

function wrong(message: string, exitCode: 1 | 2 = 1): CommandLine {
  return { kind: 'wrong', message, exitCode };
}
