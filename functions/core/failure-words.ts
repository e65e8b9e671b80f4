/** What Salesforce answered, in its own words, for evidence: some errors come without a description. */
import type { Failure } from './grant.ts';

export function failureWords({ error, description }: Pick<Failure, 'error' | 'description'>): string {
  return description.trim() === '' ? error : `${error}: ${description}`;
}
