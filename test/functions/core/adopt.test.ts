import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideAdoption } from '../../../functions/core/adopt.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import { decideAbandon, decideDisconnect } from '../../../functions/core/disconnect.ts';
import { restoredBackup } from '../../../functions/core/given-up.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { decideRead } from '../../../functions/core/read-decision.ts';
import { decideStoreGrant } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const held = (grant: Partial<Grant> = {}, connection: Partial<Connection> = {}): Connection =>
  aConnection(1, {}, { grant: aGrant('g', { refreshes: 3, rotates: true, ...grant }), ...connection });
const copy = held({}, { authorizedAt: noon, nextRefreshAt: noon + 5 });

const against = (original: Connection | undefined, of: Connection = copy, isCertain = true) => {
  const adoption = decideAdoption(of, { kind: 'original', connection: original, isCertain });
  return adoption.kind === 'marked_before' ? adoption.kind : `${adoption.kind} ${adoption.why}`;
};
const at = (now: number, of: Connection) => {
  const adoption = decideAdoption(of, { kind: 'time', now });
  return adoption.kind === 'marked_before' ? adoption.kind : `${adoption.kind} ${adoption.why}`;
};
const marked = (): Connection => {
  const adoption = decideAdoption(copy, { kind: 'original', connection: undefined, isCertain: false });
  assert.ok(adoption.kind === 'mark');
  return adoption.after;
};

describe('a connection of an adopted copy, beside its original', () => {
  it('is marked where it was refreshed there, with rotation', () => {
    assert.equal(against(held({ refreshes: 4 })), 'mark refreshed');
    assert.equal(against(held({ refreshes: 4, rotates: false })), 'keep not_rotating');
    assert.equal(against(held()), 'keep as_it_was');
    assert.equal(against(held({ refreshes: 2 })), 'keep as_it_was');
  });

  it('is marked where it was authorized again or disconnected there, and not where that is older', () => {
    const again = (authorizedAt: number) => aConnection(1, {}, { grant: aGrant('newer'), authorizedAt });
    assert.equal(against(again(noon + 1)), 'mark reauthorized');
    assert.equal(against(again(noon - 1)), 'keep as_it_was');
    const gone = (disconnectedAt?: number) =>
      aConnection(1, {}, { grant: undefined, status: 'disconnected', disconnectedAt });
    assert.equal(against(gone(noon + 1)), 'end disconnected');
    assert.equal(against(gone()), 'end disconnected');
    const before = { authorizedAt: noon - 2, disconnectedAt: noon - 1 };
    assert.equal(against({ ...gone(), ...before }), 'keep as_it_was');
  });

  it('goes on where it is not there, unless that table may be another than it is said to be', () => {
    assert.equal(against(undefined), 'keep only_here');
    assert.equal(against(undefined, copy, false), 'mark missing');
  });

  it('is disconnected where it was disconnected or given up there since, whatever it logs in with', () => {
    const ended = (change: Partial<Connection>) =>
      aConnection(1, {}, { grant: undefined, status: 'disconnected', authorizedAt: noon, ...change });
    const jwt = held({ refreshToken: undefined }, { flow: 'jwt_bearer', authorizedAt: noon });
    for (const one of [copy, jwt, marked()]) {
      const disconnectedAt = noon + 1;
      const evidence = { kind: 'original', connection: ended({ disconnectedAt }), isCertain: true } as const;
      const adoption = decideAdoption(one, evidence);
      assert.ok(adoption.kind === 'end');
      const { status, cause, grant, duties } = adoption.after;
      assert.deepEqual([status, cause, grant, duties], ['disconnected', undefined, undefined, {}]);
      assert.equal(adoption.after.disconnectedAt, disconnectedAt);
    }
    assert.equal(against(ended({})), 'end disconnected', 'nobody used it');
    assert.equal(against(ended({ disconnectedAt: noon - 1 })), 'end disconnected', 'nor after it was connected again');
    assert.equal(against(ended({ authorizedAt: noon - 1 })), 'keep as_it_was');
    assert.equal(against(ended({ authorizedAt: noon - 2, disconnectedAt: noon - 1 }), jwt), 'keep no_refresh_token');
  });

  it('owes the revocation that is still owed there, of the token that it holds', () => {
    const owedOf = (original: Connection) => {
      const adoption = decideAdoption(copy, { kind: 'original', connection: original, isCertain: true });
      assert.ok(adoption.kind === 'end');
      return Object.keys(adoption.after.duties);
    };
    const tombstone = decideDisconnect(copy, noon + 1);
    assert.deepEqual(owedOf(tombstone), ['revoke.g']);
    assert.deepEqual(owedOf({ ...tombstone, duties: {} }), [], 'it was revoked');
    assert.deepEqual(owedOf(decideDisconnect(held({ refreshes: 4 }), noon + 1)), [], 'it holds an older one');
  });

  it('is marked where an earlier adoption gave it up, and not where this copy holds newer tokens', () => {
    const givenUp = { status: 'reauthorization_required', cause: restoredBackup } as const;
    assert.equal(against(held({ refreshToken: undefined }, givenUp)), 'mark refreshed');
    assert.equal(against(held({ refreshToken: undefined, refreshes: 2 }, givenUp)), 'keep as_it_was');
  });

  it('learns of an attempt that is open there, so that its next refresh looks into the lifeboat', () => {
    const attempts = [{ id: 'lost', begunAt: noon, refreshes: 3 }];
    const adoption = decideAdoption(copy, { kind: 'original', connection: held({ attempts }), isCertain: true });
    assert.ok(adoption.kind === 'keep');
    assert.deepEqual(adoption.after?.grant?.attempts, attempts);
    const known = decideAdoption(held({ attempts }), {
      kind: 'original',
      connection: held({ attempts }),
      isCertain: true,
    });
    assert.ok(known.kind === 'keep' && known.after === undefined);
  });

  it('goes on where it holds no refresh token', () => {
    assert.equal(against(undefined, held({ refreshToken: undefined })), 'keep no_refresh_token');
    assert.equal(against(undefined, aConnection(1, {}, { grant: undefined })), 'keep no_refresh_token');
  });
});

describe('a connection whose table was to be replaced, and is not', () => {
  const taken = (waiting: Connection | undefined) =>
    decideAdoption(copy, { kind: 'waiting', connection: waiting, now: noon + 9 });

  it('goes on, and is disconnected where that was asked of the copy', () => {
    assert.deepEqual(taken(held({ refreshes: 2 })), { kind: 'keep', why: 'as_it_was' });
    assert.deepEqual(taken(undefined), { kind: 'keep', why: 'as_it_was' });
    const asked = (disconnectedAt: number) =>
      taken({ ...copy, grant: undefined, status: 'disconnected', disconnectedAt });
    assert.equal(asked(noon - 1).kind, 'keep', 'authorized later');
    const ended = asked(noon + 5);
    assert.ok(ended.kind === 'end');
    assert.deepEqual([ended.after.status, ended.after.disconnectedAt], ['disconnected', noon + 5]);
    assert.equal(Object.values(ended.after.duties)[0]?.kind, 'revoke', 'its newest token is here');
  });
});

describe('a connection of an adopted copy whose original is gone', () => {
  const due = held({ refreshAfter: noon }, { nextRefreshAt: noon + 5 });

  it('is marked where it rotates, or may, and was due', () => {
    assert.equal(at(noon, due), 'mark due');
    assert.equal(at(noon - 1, due), 'keep not_due');
    assert.equal(at(noon, held({ refreshAfter: noon + 9 }, { nextRefreshAt: noon })), 'mark due');
    assert.equal(at(noon, held({ refreshAfter: noon, rotates: false })), 'keep not_rotating');
    assert.equal(at(noon, held({ refreshAfter: noon, rotates: undefined, refreshes: 0 })), 'mark due');
  });

  it('keeps the cause that it had', () => {
    const dead = { status: 'reauthorization_required', cause: 'idle_expiry' } as const;
    assert.equal(at(noon, { ...due, ...dead }), 'keep dead_already');
  });
});

describe('a connection that was given up in an adoption', () => {
  it('holds no refresh token, is never due, and says why', () => {
    const { grant, nextRefreshAt, status, cause } = marked();
    assert.deepEqual([grant?.refreshToken, grant?.lease, nextRefreshAt], [undefined, undefined, undefined]);
    assert.deepEqual([status, cause], ['reauthorization_required', 'restored_backup']);
    assert.equal(against(undefined, marked()), 'marked_before');
    assert.equal(at(noon, marked()), 'marked_before');
    const read = decideRead(marked(), noon);
    assert.ok(read.kind === 'problem');
    assert.match(read.problem.detail, /restored from a backup/);
    assert.equal(read.problem.members?.cause, 'restored_backup');
  });

  it('owes no revocation when it is disconnected, abandoned or authorized again', () => {
    assert.deepEqual(decideDisconnect(marked(), noon).duties, {});
    assert.deepEqual(decideAbandon(marked(), noon)?.duties, {});
    assert.equal(Object.keys(decideDisconnect(copy, noon).duties).length, 1);
    const grant = aGrant('newer');
    const { app, orgId, userId, id: connectionId } = copy;
    const incoming = { connectionId, app, orgId, userId, flow: 'authorization_code', grant } as const;
    const stored = decideStoreGrant(marked(), { ...incoming, authorizedAt: noon + 1, begunAt: noon }, noon, 0);
    assert.ok(stored.kind === 'store');
    assert.deepEqual(
      Object.values(stored.after.duties).filter(({ kind }) => kind === 'revoke'),
      [],
    );
    assert.equal(stored.after.cause, undefined);
  });
});
