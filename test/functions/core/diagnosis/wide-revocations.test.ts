import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appWideRevocation } from '../../../../functions/core/diagnosis/app-wide-revocation.ts';
import { orgWideRevocation } from '../../../../functions/core/diagnosis/org-wide-revocation.ts';
import type { Tally } from '../../../../functions/core/grant.ts';
import { aCase, type Changes, dayMs, deadAt, hourMs, minuteMs, refusedApp } from './a-case.ts';

const org = (changes: Changes) => orgWideRevocation.find(aCase(changes))?.confidence;
const app = (changes: Changes) => appWideRevocation.find(aCase(changes))?.confidence;
const showing = (shown: { org?: Tally; fleet?: Tally }, more: object = {}): Changes => ({
  grant: { death: { at: deadAt + 5_000, tries: 0, ...shown }, ...more },
});
const of = (failed: number, tried: number): Tally => ({ failed, tried });

describe('org_wide_revocation', () => {
  it('is likely of three connections that are a fifth of those tried, and not of fewer', () => {
    assert.equal(org(showing({ org: of(3, 15) })), 'likely');
    assert.equal(org(showing({ org: of(3, 16) })), undefined);
    assert.equal(org(showing({ org: of(2, 4) })), undefined);
  });

  it('is possible of two that are all, and nothing of one', () => {
    assert.equal(org(showing({ org: of(2, 2) })), 'possible');
    assert.equal(org(showing({ org: of(1, 1) })), undefined);
    assert.equal(org({}), undefined);
  });

  it('is possible where other orgs fail too, and nothing where it is the fleet', () => {
    assert.equal(org(showing({ org: of(3, 3), fleet: of(2, 4) })), 'possible');
    assert.equal(org(showing({ org: of(3, 3), fleet: of(5, 10) })), undefined);
  });

  it('is possible where the app itself was refused shortly before', () => {
    const facts = { app: refusedApp(deadAt - hourMs, deadAt - 30 * minuteMs) };
    assert.equal(org({ ...showing({ org: of(3, 3) }), facts }), 'possible');
  });

  it('is possible after a standstill of days, and nothing where Salesforce speaks of the user', () => {
    assert.equal(org(showing({ org: of(3, 3) }, { refreshedAt: deadAt - 3 * dayMs })), 'possible');
    assert.equal(org({ ...showing({ org: of(3, 3) }), description: 'authentication failure' }), undefined);
  });
});

describe('app_wide_revocation', () => {
  it('is likely of five orgs that are a fifth of those tried, and not of fewer', () => {
    assert.equal(app(showing({ fleet: of(5, 25) })), 'likely');
    assert.equal(app(showing({ fleet: of(5, 26) })), undefined);
    assert.equal(app(showing({ fleet: of(4, 4) })), undefined);
  });

  it('is possible where the app’s credentials were refused within a day before, and by nothing else', () => {
    const refused = (at: number, closedAt: number, error?: string) => ({
      facts: { app: refusedApp(at, closedAt, error) },
    });
    assert.equal(app(refused(deadAt - hourMs, deadAt - 30 * minuteMs)), 'possible');
    assert.equal(app(refused(deadAt - hourMs, deadAt - minuteMs, 'unsupported_grant_type')), undefined);
    assert.equal(app(refused(deadAt - 2 * dayMs, deadAt - 25 * hourMs)), undefined);
    assert.equal(app(refused(deadAt + minuteMs, deadAt + hourMs)), undefined);
    assert.equal(app({}), undefined);
  });

  it('is possible after a standstill of days, and nothing where Salesforce speaks of the user', () => {
    assert.equal(app(showing({ fleet: of(5, 5) }, { refreshedAt: deadAt - 3 * dayMs })), 'possible');
    assert.equal(app({ ...showing({ fleet: of(5, 5) }), description: 'authentication failure' }), undefined);
  });
});
