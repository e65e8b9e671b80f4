/**
 * Watches what leaves: each sink of a world (log, metrics, alerts, queues, tables, the lifeboat, answers, pages, errors)
 * gives here what it got, and it is searched for canaries and for every secret that was heard in the clear.
 *
 * Made once for each world, so that each test of a flow is a test of promise 8 too. What was found is told at the end of
 * the file (`failOnLeaks`) or of the world (`assertNoLeak`): a sink that threw would change the flow that it watches.
 */
import assert from 'node:assert/strict';
import { around, canaryIn, mark } from '../../dev/canary/canary.ts';
import type { KeyWrapper, Ports, Salesforce, Store } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { textOf } from './text-of.ts';

export interface CanaryWatch {
  /** A secret in the clear: from now on it must not be seen. Too short a text would be found by chance: it is left out. */
  hear(secret: string): void;
  see(sink: string, value: unknown): void;
  /** Of what was seen, also where the secret was heard later. */
  leaks(): readonly string[];
  assertNoLeak(): void;
}

export interface CanaryWatchOptions {
  /** Secrets of this world that bear no mark. */
  readonly pattern?: RegExp;
  /** Keeps what was seen, for secrets that are heard later; for worlds that are few. @default false */
  readonly keeps?: boolean;
}

const shortestHeard = 12;
/** A private key, or a signed assertion: three parts, while a sealed token has five and the second of them empty. */
const bare = /-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/;
const leaksKept = 20;

/**
 * What is random in a marked secret, in pieces that lie side by side: whoever shows 19 characters of it in a row, its end
 * for instance, shows a whole one. Ten have 60 bits, which are in no other text by chance.
 */
function piecesOf(secret: string): readonly string[] {
  const at = secret.indexOf(mark);
  if (at < 0) return [];
  return [...secret.slice(at + mark.length).matchAll(/[\w-]{10}/g)].map(([piece]) => piece);
}

export function createCanaryWatch({ pattern, keeps = false }: CanaryWatchOptions = {}): CanaryWatch {
  const heard = new Set<string>();
  const seen = new Map<string, Set<string>>();
  const leaks: string[] = [];

  function found(text: string): string | undefined {
    const marked = canaryIn(text);
    if (marked !== undefined) return marked;
    for (const shape of pattern === undefined ? [bare] : [bare, pattern]) {
      const match = shape.exec(text);
      if (match !== null) return around(text, match.index, match[0].length);
    }
    for (const piece of heard) {
      const at = text.indexOf(piece);
      if (at >= 0) return around(text, at, piece.length);
    }
    return undefined;
  }

  function judge(sink: string, text: string): void {
    const context = found(text);
    if (context !== undefined && leaks.length < leaksKept) leaks.push(`${sink}: ${context}`);
  }

  const watch: CanaryWatch = {
    hear(secret) {
      if (secret.length >= shortestHeard) heard.add(secret);
      for (const piece of piecesOf(secret)) heard.add(piece);
    },
    see(sink, value) {
      const text = textOf(value);
      if (!keeps) return judge(sink, text);
      const texts = seen.get(sink) ?? new Set();
      seen.set(sink, texts.add(text));
    },
    leaks() {
      for (const [sink, texts] of seen) for (const text of texts) judge(sink, text);
      seen.clear();
      return leaks;
    },
    assertNoLeak() {
      assert.deepEqual(watch.leaks(), [], 'a secret got out');
    },
  };
  return watch;
}

/** The ports with every sink watched, and every secret that crosses them heard. What is not given is left alone. */
export function watchPorts<Some extends Partial<Ports>>(ports: Some, watch: CanaryWatch): Some {
  const sinks: Partial<Record<keyof Ports, readonly string[]>> = {
    log: ['info', 'warn', 'error'],
    metrics: ['add', 'observe'],
    alerts: ['publish'],
    refreshQueue: ['send'],
    configurationQueue: ['send'],
    configurationStep: ['run'],
    maintainer: ['doDutiesOf'],
    refresher: ['refresh'],
    tokens: ['read'],
    accessRevoker: ['revoke'],
    lifeboat: ['put'],
  };
  const watched: Record<string, unknown> = { ...ports };
  if (ports.store !== undefined) watched.store = watchedStore(ports.store, watch);
  for (const [name, methods] of Object.entries(sinks)) {
    const port = watched[name];
    if (port !== undefined) watched[name] = intercepted(port as object, methods, (args) => watch.see(name, args));
  }
  if (ports.salesforce !== undefined) watched.salesforce = heardBy(ports.salesforce, watch);
  if (ports.keys !== undefined) watched.keys = heardKeys(ports.keys, watch);
  return watched as Some;
}

const collections = [
  'sessions',
  'connections',
  'integrations',
  'ledgers',
  'introductions',
  'apps',
  'watches',
  'incidents',
];
const storeWrites = ['addUse', 'rememberUsername', 'noteReader', 'putDataKeyIfAbsent'];

/** Each write as it is asked for: at the end of a flow an item holds its last one only. */
function watchedStore(store: Store, watch: CanaryWatch): Store {
  const see = (name: string) => (args: readonly unknown[]) => watch.see(`write of ${name}`, args);
  return new Proxy(intercepted(store, storeWrites, see('store')), {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      return collections.includes(String(name))
        ? intercepted(member as object, ['create', 'replace'], see(String(name)))
        : member;
    },
  });
}

/** The same port; before one of these methods runs, its arguments are seen. */
export function intercepted<Port extends object>(
  port: Port,
  methods: readonly string[],
  seen: (args: readonly unknown[]) => void,
): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (methods.includes(String(name))) seen(args);
        return member.apply(target, args);
      };
    },
  });
}

/** Every token, code, verifier, assertion and client secret is sent to Salesforce once. */
function heardBy(salesforce: Salesforce, watch: CanaryWatch): Salesforce {
  const methods = ['exchangeCode', 'refresh', 'exchangeAssertion', 'askAsClient', 'revoke', 'introspect'];
  return intercepted(salesforce, methods, (args) => {
    for (const secret of args.flatMap(secretsIn)) watch.hear(secret);
  });
}

function secretsIn(value: unknown): string[] {
  if (value instanceof Secret) return [value.reveal()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

function heardKeys(keys: KeyWrapper, watch: CanaryWatch): KeyWrapper {
  const hear = (key: Uint8Array) => {
    for (const encoding of ['base64', 'base64url', 'hex'] as const) watch.hear(Buffer.from(key).toString(encoding));
  };
  return {
    async generateDataKey(context) {
      const made = await keys.generateDataKey(context);
      hear(made.plaintext);
      return made;
    },
    async unwrapDataKey(wrapped, context) {
      const key = await keys.unwrapDataKey(wrapped, context);
      hear(key);
      return key;
    },
  };
}
