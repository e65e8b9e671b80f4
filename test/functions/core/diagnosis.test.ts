import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { rules } from '../../../functions/core/diagnosis/rules.ts';
import { diagnose } from '../../../functions/core/diagnosis.ts';
import { aConnection, aGrant } from '../../contract/items.ts';
import {
  aDeadConnection,
  authorizedAt,
  type Changes,
  deadAt,
  entries,
  factsOf,
  hourMs,
  minuteMs,
  noon,
} from './diagnosis/a-case.ts';

const diagnosed = (changes: Changes = {}) => diagnose(aDeadConnection(changes), factsOf(changes));
const issued = { outcome: 'refused', reason: 'wrong_signature' } as const;

describe('a diagnosis', () => {
  it('is of connections that do not work only', () => {
    for (const status of ['active', 'disconnected'] as const) {
      assert.equal(diagnosed({ connection: { status } }), undefined, status);
    }
    assert.equal(diagnosed({ connection: { grant: undefined } }), undefined);
    assert.equal(diagnosed()?.cause, 'revoked_or_unknown');
  });

  it('is certain of what an adopted backup gave up, and of that only', () => {
    const { cause, confidence, page } = diagnosed({ connection: { cause: 'restored_backup' } }) ?? {};
    assert.deepEqual([cause, confidence, page], ['restored_backup', 'certain', 'docs/causes/restored_backup.md']);
    const kept = diagnosed({ connection: { cause: 'restored_backup', status: 'admin_action_required' } });
    assert.notEqual(kept?.page, page);
  });

  it('says only what is possible where nothing tells the cause, and when it lived and died', () => {
    const { confidence, evidence, actor, page } = diagnosed() ?? {};
    assert.deepEqual([confidence, actor, page], ['possible', 'user', 'docs/causes/revoked_or_unknown.md']);
    assert.match(
      evidence?.[0] ?? '',
      /2026-11-21T12:00:00\.000Z .* 2026-11-21T13:00:00\.000Z.*60 minutes.*4 refreshes/,
    );
  });

  it('takes what Salesforce says of the user for likely, and not for more: it is reported only', () => {
    const { cause, confidence, actor } = diagnosed({ description: 'authentication failure' }) ?? {};
    assert.deepEqual([cause, confidence, actor], ['user_deactivated_or_password_changed', 'likely', 'administrator']);
  });

  it('rests on the answer that called it dead, and on none to a later try', () => {
    const cause = 'user_deactivated_or_password_changed';
    const death = { at: deadAt + 5_000, tries: 1 };
    const later = (error: string, description: string) => ({
      death,
      lastFailure: { at: deadAt + hourMs, class: 'dead', error, description },
    });
    const unanswered = later('no_answer', 'timeout');
    assert.equal(diagnosed({ connection: { cause }, grant: unanswered })?.cause, cause);
    assert.equal(diagnosed({ grant: unanswered })?.cause, 'revoked_or_unknown');
    assert.equal(diagnosed({ grant: later('invalid_grant', 'authentication failure') })?.cause, 'revoked_or_unknown');
  });

  it('is only possible where another cause is as likely, and names it', () => {
    const org = { at: deadAt, tries: 0, org: { failed: 3, tried: 3 } };
    const attempts = [{ id: 'a', begunAt: deadAt - minuteMs, refreshes: 4 }];
    const { cause, confidence, evidence = [] } = diagnosed({ grant: { death: org, rotates: true, attempts } }) ?? {};
    assert.deepEqual([cause, confidence], ['lost_response', 'possible']);
    assert.match(evidence.at(-1) ?? '', /^It may as well be org_wide_revocation: 3 of the org/);
    assert.equal(diagnosed({ grant: { death: org } })?.confidence, 'likely');
  });

  it('stays likely where the cause suffices by itself, whatever else fits', () => {
    const death = { at: deadAt, tries: 0, org: { failed: 3, tried: 3 } };
    const facts = { limits: { lifetimeMs: noon + minuteMs - authorizedAt } };
    const { cause, confidence } = diagnosed({ grant: { death }, facts }) ?? {};
    assert.deepEqual([cause, confidence], ['lifetime_expiry', 'likely']);
  });

  it('believes what is certain before what is likely', () => {
    const death = { at: deadAt, tries: 0, org: { failed: 3, tried: 3 } };
    const changes = { grant: { death }, entries: entries(5, noon + minuteMs, issued) };
    const { cause, confidence } = diagnosed(changes) ?? {};
    assert.deepEqual([cause, confidence], ['grant_limit', 'certain']);
  });

  it('holds no token, sealed or not', () => {
    assert.doesNotMatch(
      JSON.stringify(diagnosed({ entries: entries(5, noon + minuteMs, issued) })),
      /sealed|fingerprint/,
    );
  });

  it('has a rule for each cause once, and the one that always fits last', () => {
    const causes = rules.map(({ cause }) => cause);
    assert.equal(new Set(causes).size, causes.length);
    assert.equal(causes.at(-1), 'revoked_or_unknown');
  });
});

describe('a diagnosis of a connection that is kept out', () => {
  const refused = (error: string, description: string, change: Partial<Connection> = {}): Connection => {
    const lastFailure = { at: noon, class: 'admin', error, description };
    return aConnection(1, {}, { status: 'admin_action_required', grant: aGrant('g', { lastFailure }), ...change });
  };

  it('is what the table of errors says, and sends nobody to authorize again', () => {
    const { cause, confidence, evidence, actor, remedy, page } =
      diagnose(refused('invalid_grant', 'inactive user', { cause: 'inactive_user' }), factsOf()) ?? {};
    assert.deepEqual([cause, confidence, actor], ['inactive_user', 'likely', 'administrator']);
    assert.match(evidence?.join(' ') ?? '', /"inactive user" at 2026-11-21T12:00:00\.000Z.*deactivated/);
    assert.match(remedy ?? '', /^Activate the user .*The refresh token is kept .*nothing is to be authorized again\.$/);
    assert.equal(page, 'docs/causes/admin_action_required.md');
  });

  it('outlives a later answer of another kind', () => {
    const grant = aGrant('g', {
      lastFailure: { at: noon, class: 'transient', error: 'no_answer', description: 'reset' },
    });
    const { cause, evidence, remedy } = diagnose(refused('', '', { cause: 'app_blocked', grant }), factsOf()) ?? {};
    assert.equal(cause, 'app_blocked');
    assert.doesNotMatch(evidence?.join(' ') ?? '', /reset/);
    assert.match(remedy ?? '', /^Unblock the app/);
  });

  it('speaks of logins where there is no refresh token', () => {
    const cause = 'expired_access_refresh_token';
    const connection = refused('invalid_grant', 'expired access/refresh token', { cause, flow: 'jwt_bearer' });
    const { remedy, confidence } = diagnose(connection, factsOf()) ?? {};
    assert.match(remedy ?? '', /A login is tried again/);
    assert.equal(confidence, 'likely');
  });

  it('is certain of another identity, which we saw ourselves, and only possible of what the table lacks', () => {
    const changed = diagnose(refused('', '', { cause: 'identity_changed' }), factsOf());
    assert.deepEqual([changed?.confidence, changed?.page], ['certain', 'docs/causes/identity_changed.md']);
    const unknown = diagnose(refused('new_code', '', { cause: 'new_code' }), factsOf());
    assert.deepEqual([unknown?.cause, unknown?.confidence], ['new_code', 'possible']);
  });
});
