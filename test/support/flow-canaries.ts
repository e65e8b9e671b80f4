/**
 * What a running stack lets out, for the canary watch: answers and pages, what handlers throw and return, the log as it is
 * written, alerts, and at the end every item of its table, the lifeboat and the console.
 *
 * Four secrets are meant to be shown, each in one place: an access token by the token route, a link by who ordered it, a
 * browser's cookie and `state` by the link, the claim by the callback. Just these are taken out before the search, and
 * heard, so that they are found wherever else they stand.
 */
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Handler, Handlers } from '../../dev/local/lambda.ts';
import type { LocalStack } from '../../dev/local/local-stack.ts';
import type { CanaryWatch } from './canary-watch.ts';
import { localDynamoClient } from './dynalite.ts';

export interface SeenAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function seeAnswer(watch: CanaryWatch, answer: SeenAnswer): void {
  const { method, path, status, text } = answer;
  const route = path.split('?')[0] ?? '';
  const shown = /^\/connections\/[^/]+\/token$/.test(route)
    ? withoutField(watch, text, 'access_token')
    : method === 'POST' && route === '/connect-sessions'
      ? withoutField(watch, text, 'connect_url')
      : text;
  watch.see(`${method} ${shapeOf(route)} ${status}`, [shown, ...headersOf(watch, route, answer.headers)]);
}

/** The link's secret is the path of a request, which is not to be repeated. */
function shapeOf(route: string): string {
  return route.replace(/^\/connect\/.*/, '/connect/{secret}');
}

/** Of a JSON object; anything else is left whole. */
function withoutField(watch: CanaryWatch, text: string, name: string): string {
  if (!text.startsWith('{')) return text;
  const { [name]: value, ...rest } = JSON.parse(text) as Record<string, unknown>;
  if (typeof value === 'string') watch.hear(value.replace(/^https?:\/\/.*\/connect\//, ''));
  return JSON.stringify(rest);
}

function headersOf(watch: CanaryWatch, route: string, headers: Headers): string[] {
  return [...headers].map(([name, value]) => {
    if (name === 'set-cookie' && route.startsWith('/connect/')) return withoutCookie(watch, value);
    if (name !== 'location') return `${name}: ${value}`;
    const parameter = route.startsWith('/connect/') ? 'state' : route === '/oauth/callback' ? 'claim' : undefined;
    return `location: ${parameter === undefined ? value : withoutParameter(watch, value, parameter)}`;
  });
}

function withoutCookie(watch: CanaryWatch, value: string): string {
  return value.replace(/=([^;]+)/, (_all, secret: string) => {
    watch.hear(secret);
    return '=';
  });
}

function withoutParameter(watch: CanaryWatch, location: string, name: string): string {
  const url = new URL(location);
  const secret = url.searchParams.get(name);
  if (secret !== null) watch.hear(secret);
  url.searchParams.delete(name);
  return url.href;
}

/** Those whose answer no client reads; of the others the answers are seen as a client gets them. */
const silent = ['refresh', 'schedule-refreshes', 'maintain', 'configure'];

export function watchHandlers(handlers: Handlers, watch: CanaryWatch): Handlers {
  const watched = Object.entries(handlers).map(([name, handler]: [string, Handler]) => {
    const call: Handler = async (event, context) => {
      try {
        const result = await handler(event, context);
        if (silent.includes(name)) watch.see(`result of ${name}`, result);
        return result;
      } catch (error) {
        watch.see(`error of ${name}`, error);
        throw error;
      }
    };
    return [name, call];
  });
  return Object.fromEntries(watched) as Handlers;
}

/** All that lies or stands somewhere when a flow ends. */
export async function seeWhatIsLeft(watch: CanaryWatch, stack: LocalStack): Promise<void> {
  watch.see('log', stack.logLines());
  watch.see('alerts', stack.alerts());
  for (const path of ['/', '/local/state', '/local/alerts']) {
    watch.see(`console ${path}`, await (await fetch(new URL(path, stack.url))).text());
  }
  const { dynamodb } = stack.listeners;
  if (dynamodb !== undefined) await seeItems(watch, dynamodb);
}

async function seeItems(watch: CanaryWatch, endpoint: string): Promise<void> {
  const client = localDynamoClient(endpoint);
  try {
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    for (const TableName of TableNames) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
        for (const item of Items) watch.see('table', JSON.stringify(item));
      }
    }
  } finally {
    client.destroy();
  }
}
