import assert from 'node:assert/strict';
import { test } from 'node:test';
import { introductionIdOf } from '../../../functions/core/introduction.ts';

const login = 'https://login.salesforce.com';

test('one user is one introduction, however the username is written', () => {
  assert.equal(
    introductionIdOf('crm-jwt', login, 'Ada@Acme.example'),
    introductionIdOf('crm-jwt', login, 'ada@acme.EXAMPLE'),
  );
});

test('another app, login host or user is another one, and so is a client', () => {
  const ids = [
    introductionIdOf('crm-jwt', login, 'ada@acme.example'),
    introductionIdOf('crm', login, 'ada@acme.example'),
    introductionIdOf('crm-jwt', 'https://test.salesforce.com', 'ada@acme.example'),
    introductionIdOf('crm-jwt', login, 'bob@acme.example'),
    introductionIdOf('crm-jwt', login, undefined),
  ];
  assert.equal(new Set(ids).size, ids.length);
});

test('its id tells nobody the username', () => {
  assert.match(introductionIdOf('crm-jwt', login, 'ada@acme.example'), /^[A-Za-z0-9_-]{43}$/);
});
