import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionShared, sharingOf, usesReadAtMost } from '../../../functions/core/connection-sharing.ts';
import type { LinkDuty } from '../../../functions/core/duty.ts';
import { aConnection, anAlertDuty, noon } from '../../contract/items.ts';

const none = { duties: {} };
const uses = (...tenants: string[]) => tenants.map((tenant, index) => ({ tenant, integration: `i${index}` }));
const link = (tenant: string): LinkDuty => ({
  kind: 'link',
  sessionId: 's',
  tenant,
  integration: 'sync',
  since: noon,
  dueAt: noon,
  tries: 0,
});

test('one tenant, however many its integrations, is alone', () => {
  assert.equal(sharingOf(none, uses('acme', 'acme'), 'acme'), undefined);
  assert.equal(sharingOf(none, uses('acme', 'acme'), undefined), undefined);
  assert.equal(sharingOf(none, [], undefined), undefined);
});

test('another tenant shares, as the one that asks and as one of two', () => {
  assert.deepEqual(sharingOf(none, uses('globex', 'acme'), 'acme'), { others: ['globex'], more: false });
  assert.deepEqual(sharingOf(none, uses('globex'), 'acme'), { others: ['globex'], more: false });
  assert.deepEqual(sharingOf(none, uses('globex', 'acme'), undefined), { others: ['acme', 'globex'], more: false });
});

test('a tenant whose link is still owed shares; what else is owed does not', () => {
  const { duties } = aConnection(1, {}, { duties: { l: link('globex'), a: anAlertDuty(noon) } });
  assert.deepEqual(sharingOf({ duties }, uses('acme'), 'acme'), { others: ['globex'], more: false });
  assert.equal(sharingOf({ duties: { a: anAlertDuty(noon) } }, uses('acme'), 'acme'), undefined);
});

test('where more uses may be than were read, somebody may share', () => {
  const many = uses(...Array.from({ length: usesReadAtMost }, () => 'acme'));
  assert.deepEqual(sharingOf(none, many, 'acme'), { others: [], more: true });
  assert.equal(sharingOf(none, many.slice(1), 'acme'), undefined);
});

test('a tenant is told how many others there are, and not who', () => {
  const problem = connectionShared('crm.a.b', { others: ['globex', 'umbra'], more: false }, 'acme');
  assert.deepEqual([problem.code, problem.members], ['connection_shared', { other_tenants: 2 }]);
  assert.match(problem.detail, /2 other tenants too: .*force=true/);
  assert.doesNotMatch(JSON.stringify(problem), /globex|umbra/);
  assert.match(connectionShared('c', { others: ['globex'], more: false }, 'acme').detail, /1 other tenant too/);
});

test('who speaks for all is told the first ten', () => {
  const problem = connectionShared('c', { others: ['acme', 'globex'], more: false }, undefined);
  assert.match(problem.detail, /the tenants acme, globex:/);
  assert.deepEqual(problem.members, { other_tenants: 1 });
  const others = Array.from({ length: 11 }, (_, n) => `t${n}`);
  assert.match(connectionShared('c', { others, more: false }, undefined).detail, /t9 and more:/);
});

test('of what was not read, at least one other is said', () => {
  const problem = connectionShared('c', { others: [], more: true }, 'acme');
  assert.deepEqual(problem.members, { other_tenants: 1 });
  assert.match(problem.detail, /more than 999 integrations, other tenants' maybe/);
});
