/** What one function handed to another in place of a token's route: read back, its token in a `Secret` at once. */
import type { LiveToken } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import type { DirectTokenAnswer } from '../../functions/handlers/token.ts';

/** Unchecked, unlike the adapter's: in process, both ends are of one release. */
export function liveTokenOf(answer: DirectTokenAnswer): LiveToken {
  if (answer.kind === 'problem') return { kind: 'problem', code: answer.code, detail: answer.detail };
  return { kind: 'token', accessToken: new Secret(answer.access_token), instanceUrl: answer.instance_url };
}
