/** (grant, number of refreshes) of the tokens in a connection: what a refresh acts on, and what fences its commit. */
export interface Generation {
  readonly grantId: string;
  readonly refreshes: number;
}

export function sameGeneration(a: Generation, b: Generation): boolean {
  return a.grantId === b.grantId && a.refreshes === b.refreshes;
}
