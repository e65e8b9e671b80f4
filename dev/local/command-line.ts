/** The command line of `npm start`, judged before anything starts. */
import { parseArgs } from 'node:util';
import { isLoopbackHost } from '../../functions/core/hosts.ts';

export interface StartOptions {
  /** 0 takes a free one. @default 3000 */
  readonly port: number;
  readonly dataDir?: string;
  /** An origin. */
  readonly salesforce?: string;
  readonly dynamodb?: string;
}

export type CommandLine =
  | { readonly kind: 'start'; readonly options: StartOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

export const usage = `Usage: npm start -- [--port 3000] [--data DIR] [--salesforce URL] [--dynamodb URL]

  --port N          Port of the HTTP API and the console, 0 to 65535 (0: a free one). Default 3000.
  --data DIR        Keep everything in DIR across restarts. Without it, all is in memory.
  --salesforce URL  An authorization server in place of the simulator: https, or http on loopback.
  --dynamodb URL    A DynamoDB engine on loopback (DynamoDB Local, say) in place of the embedded one.
  --help            This text.
`;

export function parseCommandLine(args: readonly string[]): CommandLine {
  let values: ReturnType<typeof parse>['values'];
  try {
    ({ values } = parse(args));
  } catch (error) {
    return wrong((error as Error).message);
  }
  if (values.help === true) return { kind: 'help' };
  const port = values.port ?? '3000';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return wrong(`--port must be a whole number from 0 to 65535; got ${quoted(port)}`);
  }
  if (values.data?.trim() === '') return wrong('--data must name a folder; got nothing');
  const salesforce = salesforceOrigin(values.salesforce);
  if (salesforce?.message !== undefined) return wrong(salesforce.message);
  const dynamodb = dynamodbEndpoint(values.dynamodb);
  if (dynamodb?.message !== undefined) return wrong(dynamodb.message);
  return {
    kind: 'start',
    options: { port: Number(port), dataDir: values.data, salesforce: salesforce?.origin, dynamodb: dynamodb?.origin },
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      salesforce: { type: 'string' },
      dynamodb: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

type Origin = { readonly origin: string; readonly message?: undefined } | { readonly message: string };

function salesforceOrigin(value: string | undefined): Origin | undefined {
  if (value === undefined) return undefined;
  const url = bareUrl(value);
  if (url === undefined) {
    return {
      message: `--salesforce must be an origin such as https://host.example, without a path; got ${quoted(value)}`,
    };
  }
  if (url.protocol === 'https:' || isLoopbackHost(url.hostname)) return { origin: url.origin };
  return { message: `--salesforce must be https, for tokens pass there (http only on loopback); got ${quoted(value)}` };
}

function dynamodbEndpoint(value: string | undefined): Origin | undefined {
  if (value === undefined) return undefined;
  const url = bareUrl(value);
  if (url !== undefined && isLoopbackHost(url.hostname)) return { origin: url.origin };
  return {
    message: `--dynamodb must be an engine on loopback, such as http://127.0.0.1:8000, without a path; got ${quoted(value)}`,
  };
}

function bareUrl(value: string): URL | undefined {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url : undefined;
}

/** Without what could be a password or a control sequence. */
function quoted(value: string): string {
  const url = URL.parse(value);
  const shown = url === null || url.password === '' ? value : `${url.protocol}//…@${url.host}`;
  return JSON.stringify(shown.slice(0, 200));
}

function wrong(message: string): CommandLine {
  return { kind: 'wrong', message };
}
