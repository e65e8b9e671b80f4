/** The `configuration` of a request: any JSON value, kept as text of bounded size. */
import type { Problem } from '../core/problem.ts';
import { invalid, type Judged } from './request-fields.ts';

const configurationBytesAtMost: number = 16 * 1_024;

/** @param value as parsed; `undefined`: the request has none */
export function judgeConfiguration(value: unknown): Judged<string> {
  if (value === undefined) {
    return { ok: false, problem: invalid('configuration', 'is missing: any JSON value, null too, of at most 16 KB') };
  }
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  return bytes > configurationBytesAtMost ? { ok: false, problem: tooLarge(bytes) } : { ok: true, value: text };
}

function tooLarge(bytes: number): Problem {
  const detail = `may have ${configurationBytesAtMost} bytes as JSON, it has ${bytes}; keep the rest on your side`;
  return { ...invalid('configuration', detail), code: 'too_large' };
}
