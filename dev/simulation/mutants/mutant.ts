/** One wrong edit, or several that only together let a fault through. */

export interface Edit {
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export function core(name: string, find: string, replace: string): Edit {
  return { file: `functions/core/${name}.ts`, find, replace };
}

export function flow(name: string, find: string, replace: string): Edit {
  return { file: `functions/flows/${name}.ts`, find, replace };
}
