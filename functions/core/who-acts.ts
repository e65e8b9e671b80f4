/** Who must act first, before a remedy that does not say so itself: whoever reads it at night must not have to guess. */
import type { Actor } from './error-table.ts';

const words: Readonly<Record<Actor, string>> = {
  user: 'For the user who authorized',
  administrator: "For the org's Salesforce administrator",
  operator: 'For you who run Grantkeeper',
  nobody: '',
};

export function forActor(actor: Actor, remedy: string): string {
  return words[actor] === '' ? remedy : `${words[actor]}: ${remedy}`;
}
