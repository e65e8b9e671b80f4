/**
 * Canaries: secrets that give themselves away. The simulator, the local stack and the tests put one mark into every token,
 * code, link secret, cookie and data key that they mint; wherever the mark is found outside, a secret got out (promise 8).
 *
 * It is found as it is, in any case (host names lose theirs), in base64 at each of its three offsets (a header
 * `Authorization: Basic`), in hex, and as the bytes that a random draw holds.
 */

/** Base64url of six bytes: so a random draw can hold it too. It stands in no test's title and no page but by name. */
export const mark: string = ['x', 'CANARY', 'x'].join('');

const markBytes = Buffer.from(mark, 'base64url');
/** A multiple of three bytes from the start, so that base64 of the whole shows the mark; the first six stay the caller's. */
const markOffset = 6;
/** Shorter draws are ids, which are shown: design.md, `newId`. */
const secretBytes = 32;

/** The same bytes with the mark in them, if they are as many as a secret has. */
export function marked(bytes: Uint8Array): Uint8Array {
  if (bytes.length < secretBytes) return bytes;
  const copy = Uint8Array.from(bytes);
  copy.set(markBytes, markOffset);
  return copy;
}

/** What is searched for, in lower case. */
const forms: readonly string[] = [
  mark,
  ...[0, 1, 2].map((offset) => base64Within(mark, offset)),
  Buffer.from(mark).toString('hex'),
  markBytes.toString('hex'),
  markBytes.toString('latin1'),
].map((form) => form.toLowerCase());

/** Longer than any form: what two neighbouring pieces of a text must share so that none is cut in half. */
export const longestForm: number = Math.max(...forms.map((form) => form.length));

/** What stands around the first canary, itself blotted out; `undefined`: there is none. */
export function canaryIn(text: string): string | undefined {
  const lower = text.toLowerCase();
  for (const form of forms) {
    const at = lower.indexOf(form);
    if (at >= 0) return around(text, at, form.length);
  }
  return undefined;
}

const contextLength = 60;

/** What follows is the rest of the secret: only what led there is told. */
export function around(text: string, at: number, length: number): string {
  const before = text.slice(Math.max(0, at - contextLength), at);
  return `…${before}[canary of ${length} characters]…`.replaceAll(/\s+/g, ' ');
}

/** The part of the encoding that does not depend on what stands before and after. */
function base64Within(text: string, offset: number): string {
  const encoded = Buffer.from(`${'\0'.repeat(offset)}${text}`).toString('base64');
  const first = Math.ceil((offset * 4) / 3);
  const whole = Math.floor(((offset + text.length) * 4) / 3);
  return encoded.slice(first, whole);
}
