import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSoql } from '../../../dev/simulator/soql.ts';

describe('SOQL', () => {
  it('is read into fields, object, conditions and limit', () => {
    assert.deepEqual(
      parseSoql("SELECT AppName , UseCount FROM OauthToken WHERE UserId = '005' AND AppName='Local CRM' LIMIT 7"),
      {
        fields: ['AppName', 'UseCount'],
        object: 'OauthToken',
        conditions: [
          { field: 'UserId', value: '005' },
          { field: 'AppName', value: 'Local CRM' },
        ],
        limit: 7,
      },
    );
    assert.deepEqual(parseSoql(' select count() from OauthToken '), {
      fields: 'count',
      object: 'OauthToken',
      conditions: [],
    });
  });

  it('takes the escapes out of a text', () => {
    const query = parseSoql(String.raw`SELECT Id FROM A WHERE AppName = 'Bob\'s \\ "App"\n'`);
    assert.deepEqual(query?.conditions, [{ field: 'AppName', value: 'Bob\'s \\ "App"\n' }]);
  });

  for (const text of [
    '',
    'SELECT FROM OauthToken',
    'SELECT * FROM OauthToken',
    'SELECT Id, FROM OauthToken',
    'SELECT Id FROM OauthToken WHERE',
    'SELECT Id FROM OauthToken WHERE UserId = 005',
    "SELECT Id FROM OauthToken WHERE UserId = 'a' OR UserId = 'b'",
    "SELECT Id FROM OauthToken WHERE UserId = 'Bob's'",
    String.raw`SELECT Id FROM OauthToken WHERE UserId = 'a\x'`,
    "SELECT Id FROM OauthToken WHERE UserId = 'a' LIMIT -1",
    'SELECT Id FROM OauthToken; DELETE',
    `SELECT Id FROM OauthToken WHERE UserId = '${'a'.repeat(4_000)}'`,
  ]) {
    it(`that is none of it is not read: ${text.slice(0, 60) || 'nothing'}`, () => {
      assert.equal(parseSoql(text), undefined);
    });
  }
});
