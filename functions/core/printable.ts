/**
 * What others wrote, as one line for a terminal, an e-mail or a chat: without control characters, line ends, and what turns
 * the direction of writing. A username may hold any of them, and would pass for words of ours.
 */
export function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return line.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ');
}
