/**
 * A Salesforce that answers refreshes of known tokens, and refuses those that it has revoked. Each answer takes its time
 * on the virtual clock; nothing else goes wrong.
 */
import type { RawAnswer, Salesforce } from '../../functions/core/ports.ts';
import { clear } from '../simulation/cleartext.ts';
import { jsonAnswer, refusal } from '../simulation/raw-answers.ts';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import type { Timeline } from './timeline.ts';

export interface TokenOwner {
  readonly orgId: string;
  readonly userId: string;
}

export interface RevokingSalesforce extends Salesforce {
  /** A refresh token that works. */
  issue(owner: TokenOwner): string;
  /** Every token of the org, or of that one user, is refused from now on. */
  end(orgId: string, userId?: string): void;
  /** When a revoked token was refused first. */
  readonly firstRefusalAt: number | undefined;
  readonly refreshes: number;
  readonly refusals: number;
}

const answersAfterMs = 200;
const answersWithinMs = 1_000;
const elsewhere: RawAnswer = { kind: 'no_answer', reason: 'connection' };

export function createRevokingSalesforce(timeline: Timeline, random: SeededRandom): RevokingSalesforce {
  const owners = new Map<string, TokenOwner>();
  const revoked = new Set<string>();
  const counts = { refreshes: 0, refusals: 0 };
  let firstRefusalAt: number | undefined;

  function answerTo(text: string): RawAnswer {
    const owner = owners.get(text);
    if (owner === undefined || revoked.has(text)) {
      firstRefusalAt ??= timeline.now();
      counts.refusals += 1;
      return refusal('invalid_grant', 'expired access/refresh token');
    }
    counts.refreshes += 1;
    return jsonAnswer(200, {
      access_token: clear('access', owners.size, counts.refreshes),
      instance_url: 'https://example.my.salesforce.com',
      id: `https://login.salesforce.com/id/${owner.orgId}/${owner.userId}`,
      issued_at: String(timeline.now()),
      token_type: 'Bearer',
      scope: 'api refresh_token',
    });
  }

  return {
    issue(owner) {
      const text = clear('refresh', owners.size + 1, 0);
      owners.set(text, owner);
      return text;
    },
    end(orgId, userId) {
      for (const [text, owner] of owners) {
        if (owner.orgId === orgId && (userId === undefined || owner.userId === userId)) revoked.add(text);
      }
    },
    get firstRefusalAt() {
      return firstRefusalAt;
    },
    get refreshes() {
      return counts.refreshes;
    },
    get refusals() {
      return counts.refusals;
    },
    async refresh(_loginUrl, _client, token) {
      await timeline.wait(answersAfterMs + random.below(answersWithinMs - answersAfterMs));
      return answerTo(token.reveal());
    },
    introspect: async () => refusal('invalid_request', 'introspection is off'),
    revoke: async () => elsewhere,
    exchangeCode: async () => elsewhere,
    exchangeAssertion: async () => elsewhere,
    askAsClient: async () => elsewhere,
  };
}
