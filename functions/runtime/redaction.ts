/**
 * Takes every secret out of what is about to be written: promise 8 of the design, as the last line of defence.
 *
 * Values go by three signs: a `Secret` instance, the name they stand under, and their look (a Salesforce token, a
 * JWT or JWE, a form or query parameter). What comes out is plain JSON data of bounded depth, width and length.
 */
import { Secret } from '../core/secret.ts';
import { withoutSecrets } from '../core/secret-shapes.ts';

const redacted = '[redacted]';
const maxDepth = 8;
const maxEntries = 100;
const maxTextLength = 8192;
/** Longer than what a shape needs to know a secret by; bounded, so that a text of one word is not lost whole. */
const wordAtCut = /[A-Za-z0-9._%~+/=!-]{1,64}$/;

/** Names in lower case without separators, so that `codeVerifier`, `code_verifier` and `Code-Verifier` are one. */
const secretNames = new Set(['code', 'state', 'claim', 'connecturl', 'cookies', 'authorizationcode', 'plaintext']);
const secretNameEndings =
  /(?:token|secret|verifier|assertion|password|cookie|authorization|signature|privatekey|credentials)$/;

/** The same value as plain data without secrets; never throws, for a log line must not end a request. */
export function redact(value: unknown): unknown {
  return redactAt(value, 0, new Set());
}

/**
 * Text without anything that looks like a secret, cut at 8 KB. The cut comes first, for the shapes take their time over a
 * long text; what it leaves of a secret may be too short to look like one, so the word at the cut goes too.
 */
export function redactText(text: string): string {
  if (text.length <= maxTextLength) return withoutSecrets(text);
  const clean = withoutSecrets(text.slice(0, maxTextLength));
  return `${clean.replace(wordAtCut, '')}… (${text.length} characters)`;
}

/** True for names whose values are secret whatever they look like. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return secretNames.has(plain) || secretNameEndings.test(plain);
}

function redactAt(value: unknown, depth: number, above: Set<unknown>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) return redacted;
  if (above.has(value)) return '[circular]';
  if (depth >= maxDepth) return '[too deep]';
  above.add(value);
  try {
    return redactObject(value, (inner) => redactAt(inner, depth + 1, above));
  } catch {
    return '[unreadable]';
  } finally {
    above.delete(value);
  }
}

function redactObject(value: object, inner: (value: unknown) => unknown): unknown {
  if (value instanceof Error) return redactError(value, inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString();
  if (value instanceof URL || value instanceof URLSearchParams) return redactText(value.toString());
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, maxEntries).map(inner);
  if (value instanceof Set) return [...value].slice(0, maxEntries).map(inner);
  const entries = value instanceof Map || value instanceof Headers ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries
      .slice(0, maxEntries)
      .map(([name, member]) => [
        redactText(String(name)),
        isSecretName(String(name)) && member !== undefined ? redacted : inner(member),
      ]),
  );
}

/**
 * Only what an error says by convention: SDKs and parsers hang requests, responses and whole bodies on theirs. Its
 * `code` is a name, not an authorization code, and goes out as `error_code`.
 */
function redactError(error: Error, inner: (value: unknown) => unknown): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? { error_code: redactText(error.code) } : {};
  const cause = error.cause instanceof Error ? { cause: inner(error.cause) } : {};
  return {
    name: redactText(String(error.name)),
    message: redactText(String(error.message)),
    ...code,
    stack: redactText(String(error.stack ?? '')),
    ...cause,
  };
}
