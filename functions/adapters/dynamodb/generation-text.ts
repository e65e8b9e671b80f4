/** A generation as one string attribute, `<grantId>:<refreshes>`: an index projects top-level attributes only. */
import type { Generation } from '../../core/generation.ts';

export function formatGeneration({ grantId, refreshes }: Generation): string {
  return `${grantId}:${refreshes}`;
}

/** `undefined` where the text is no generation. */
export function parseGeneration(text: unknown): Generation | undefined {
  const match = typeof text === 'string' ? /^(?<grantId>.+):(?<refreshes>\d{1,15})$/s.exec(text) : null;
  if (match?.groups === undefined) return undefined;
  return { grantId: match.groups.grantId!, refreshes: Number(match.groups.refreshes) };
}
