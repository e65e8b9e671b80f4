/** A page of docs/runbooks as its reader works it off: commands, and what they are said to show. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export const root: string = join(import.meta.dirname, '../..');

export interface Block {
  /** The heading that it stands under. */
  readonly section: string;
  /** Bash. */
  readonly script: string;
  /** What it prints, where the page says so. */
  readonly shown?: string;
}

/** Names without `.md`, the index left out. */
export const runbookNames: readonly string[] = globSync('docs/runbooks/*.md', { cwd: root })
  .map((page) => basename(page, '.md'))
  .filter((name) => name !== 'README')
  .toSorted();

export function readRunbook(name: string): string {
  return readFileSync(join(root, 'docs/runbooks', `${name}.md`), 'utf8');
}

/** A block of bash, and the block of text that follows it at once, if one does. */
export function blocksOf(markdown: string): readonly Block[] {
  return markdown.split(/^## /m).flatMap((part) => {
    const section = part.split('\n')[0] ?? '';
    const found = part.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$(?:\n\n *```text\n([\s\S]*?)^ *```$)?/gm);
    return [...found].map(([, indent = '', script = '', shown]) => ({
      section,
      script: without(indent, script),
      ...(shown === undefined ? {} : { shown: without(indent, shown) }),
    }));
  });
}

/** Commands, one a line; what is continued is one. Words inside of loops count too. */
export function linesOf(script: string): readonly string[] {
  return script
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function without(indent: string, text: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join('\n')
    .trimEnd();
}
