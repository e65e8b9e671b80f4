/** Whom an assertion is meant for (facts §8): the deployer's own word, else the login URL that it is sent to. */
import type { AppConfig } from './config.ts';

export function audienceOf({ audience }: Pick<AppConfig, 'audience'>, loginUrl: string): string {
  return audience ?? loginUrl;
}
