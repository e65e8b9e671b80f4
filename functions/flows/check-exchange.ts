/** May the tokens of this exchange be kept, or the identity in them be believed? */
import { type CodeAnswerCheck, checkCodeAnswer, checkSignature, wrongSignature } from '../core/check-code-answer.ts';
import type { TokenResponse } from '../core/judge-token-answer.ts';
import type { Ports } from '../core/ports.ts';
import type { Session } from '../core/session.ts';
import type { Exchange } from './refuse-grant.ts';

export type CheckPorts = Pick<Ports, 'config' | 'secrets' | 'log'>;

export async function checkExchange(
  ports: CheckPorts,
  session: Session,
  tokens: TokenResponse,
  { secrets, app }: Exchange,
): Promise<CodeAnswerCheck> {
  const checked = checkCodeAnswer(tokens, {
    orgId: session.expectedOrgId,
    userId: session.expectedUserId,
    extraOrigin: ports.config.salesforceOrigin,
    refreshToken: app.purpose === 'api',
  });
  if (checked.kind === 'refused' || secrets === undefined) return checked;
  const signature = checkSignature(tokens, secrets);
  if (signature === 'absent') {
    ports.log.warn('The token response has no signature.', { app: session.app, session_id: session.id });
  }
  if (signature !== 'invalid') return checked;
  // The secret may have been rotated since it was read.
  const fresh = await ports.secrets.of(session.app, { fresh: true }).catch(() => secrets);
  return checkSignature(tokens, fresh) === 'invalid' ? { kind: 'refused', error: wrongSignature } : checked;
}
