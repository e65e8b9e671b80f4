/**
 * What our functions write, as their sources say it: each metric's name, and which functions can reach the line. A name
 * that is made of parts (`Dead_${cause}`) stands as its beginning.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageRoot } from '../../lib/bundle.ts';

const root = join(packageRoot, 'functions');
const sources = new Map(
  globSync('**/*.ts', { cwd: root }).map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);

/** By file. Arguments may be a choice of two names. */
function namesIn(source: string): string[] {
  const added = [...source.matchAll(/metrics\.add\(([^;]*?)\);/gs)].flatMap(([, args = '']) => [
    ...args.split(',')[0]!.matchAll(/['"`]([A-Z][A-Za-z0-9_]*)/g),
  ]);
  const observed = /observe/.test(source) ? [...source.matchAll(/name: '([A-Z]\w*)', value:/g)] : [];
  return [...added, ...observed].map(([, name = '']) => name);
}

export const emitted: ReadonlySet<string> = new Set([...sources.values()].flatMap(namesIn));

/** What the Lambda of this name can write: the metrics of every module that it imports, however far away. */
export function emittedBy(service: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [`${service}.ts`];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const source = sources.get(file);
    if (source === undefined || seen.has(file)) continue;
    seen.add(file);
    for (const [, from = ''] of source.matchAll(/from '(\.[^']+)'/g)) {
      open.push(relative(root, join(root, dirname(file), from)));
    }
  }
  return new Set([...seen].flatMap((file) => namesIn(sources.get(file) ?? '')));
}
