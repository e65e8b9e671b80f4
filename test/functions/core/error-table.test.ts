import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Ask,
  askOf,
  classify,
  errorTable,
  errorWords,
  type FailureClass,
  unknownError,
} from '../../../functions/core/error-table.ts';

/** The table of `salesforce-oauth.md` §4, written out once more, on a refresh; where a code differs it is named. */
const facts: [string, string, FailureClass, FailureClass?][] = [
  ['invalid_grant', 'expired access/refresh token', 'dead'],
  ['invalid_grant', 'token request is already being processed', 'busy'],
  ['invalid_grant', 'expired authorization code', 'busy', 'dead'],
  ['invalid_grant', 'invalid authorization code', 'unknown', 'dead'],
  ['invalid_grant', 'invalid code verifier', 'bug'],
  ['invalid_grant', 'authentication failure', 'dead'],
  ['invalid_grant', 'inactive user', 'admin'],
  ['invalid_grant', 'ip restricted', 'admin'],
  ['invalid_grant', 'ip restricted or invalid login hours', 'admin'],
  ['invalid_grant', "user hasn't approved this consumer", 'admin'],
  ['invalid_grant', 'invalid assertion', 'operator'],
  ['invalid_grant', 'audience is invalid', 'operator'],
  ['invalid_grant', 'Audience validation failed', 'operator'],
  ['invalid_grant', 'no client credentials user enabled', 'operator'],
  ['invalid_grant', 'no valid scopes defined', 'operator'],
  ['invalid_grant', 'request not supported on this domain', 'operator'],
  ['invalid_app_access', 'user is not admin approved to access this app', 'admin'],
  ['invalid_client_id', 'client identifier invalid', 'operator'],
  ['invalid_client', 'invalid client credentials', 'operator'],
  ['invalid_client_credentials', 'invalid client credentials', 'operator'],
  ['invalid_request', 'scope parameter not supported', 'bug'],
  ['invalid_request', 'anything else', 'bug'],
  ['unsupported_grant_type', 'grant type not supported', 'operator'],
  ['redirect_uri_mismatch', 'redirect_uri must match configuration', 'operator'],
  ['inactive_user', '', 'admin'],
  ['inactive_org', '', 'admin'],
  ['rate_limit_exceeded', 'login rate exceeded', 'transient'],
  ['rate_limit_exceeded', 'Number of logins exceeded', 'transient'],
  ['unknown_error', 'retry your request', 'transient'],
  ['server_error', '', 'transient'],
  ['service_unavailable', '', 'transient'],
  ['system_down', '', 'transient'],
  ['app_blocked', '', 'admin'],
  ['fail_close_app_blocked', '', 'admin'],
  ['app_not_found', '', 'admin'],
  ['oauth_flow_disabled', '', 'admin'],
  ['oauth_policy_not_found', '', 'admin'],
  ['ecapp_policy_not_found', '', 'admin'],
  ['invalid_distribution_state', '', 'admin'],
  ['installation_error', '', 'admin'],
];

const asks: readonly Ask[] = ['code', 'refresh', 'jwt_bearer', 'client_credentials'];

for (const [error, description, onRefresh, onCode = onRefresh] of facts) {
  test(`${error}: ${description || '(any)'} is ${onRefresh} on a refresh and ${onCode} on a code`, () => {
    assert.equal(classify(error, description, 'refresh'), onRefresh);
    assert.equal(classify(error, description, 'code'), onCode);
    assert.equal(classify(error, ` ${description.toUpperCase()} `, 'refresh'), onRefresh);
  });
}

test('the table holds no row beside the facts', () => {
  for (const { error, description } of errorTable) {
    const known = facts.some(
      ([one, text]) => one === error && (description === undefined || text.toLowerCase() === description),
    );
    assert.ok(known, `${error}: ${description}`);
  }
});

test('only two descriptions of invalid_grant are ever dead on a refresh', () => {
  const dead = errorTable.filter((row) => classify(row.error, row.description ?? '', 'refresh') === 'dead');
  assert.deepEqual(dead.map((row) => `${row.error}: ${row.description}`).sort(), [
    'invalid_grant: authentication failure',
    'invalid_grant: expired access/refresh token',
  ]);
});

test('what is not in the table is unknown, never dead, however near it comes', () => {
  for (const [error, description] of [
    ['invalid_grant', ''],
    ['invalid_grant', 'expired access/refresh token.'],
    ['invalid_grant', 'the expired access/refresh token'],
    ['invalid_grant', 'authentication failure - locked'],
    ['INVALID_GRANT', 'expired access/refresh token'],
    ['invalid_grant ', 'expired access/refresh token'],
    ['invalid_token', 'expired access/refresh token'],
    ['toString', ''],
  ] as const) {
    assert.equal(classify(error, description, 'refresh'), 'unknown', `${error}: ${description}`);
  }
  const known = new Set(errorTable.map((row) => row.error));
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.constantFrom(...asks), (error, text, ask) => {
      fc.pre(!known.has(error));
      assert.equal(classify(error, text, ask), 'unknown');
    }),
  );
});

const withoutBrowser = ['jwt_bearer', 'client_credentials'] as const;

test('without a browser nothing is ever dead: what ends a user’s tokens, an administrator mends', () => {
  for (const ask of withoutBrowser) {
    for (const { error, description = '' } of errorTable) assert.notEqual(classify(error, description, ask), 'dead');
    assert.equal(classify('invalid_grant', 'expired access/refresh token', ask), 'admin');
    assert.equal(classify('invalid_grant', 'authentication failure', ask), 'admin');
  }
});

test('an expired authorization code is an expired assertion where one was sent, and nothing that is known of the client', () => {
  const classes = asks.map((ask) => classify('invalid_grant', 'expired authorization code', ask));
  assert.deepEqual(classes, ['dead', 'busy', 'operator', 'unknown']);
  assert.match(errorWords('invalid_grant', 'expired authorization code', 'jwt_bearer').remedy, /clock/);
  assert.match(errorWords('invalid_grant', 'expired authorization code', 'code').remedy, /authorize again/);
});

test('what is unknown in answer to a request is spoken of as unknown', () => {
  const { meaning, remedy, actor } = unknownError;
  for (const ask of ['refresh', ...withoutBrowser] as const) {
    assert.deepEqual(errorWords('invalid_grant', 'invalid authorization code', ask), { meaning, actor, remedy });
  }
  assert.match(errorWords('invalid_grant', 'invalid authorization code', 'code').meaning, /callback URL/);
  assert.deepEqual(errorWords('never_heard_of', '', 'code'), { meaning, actor, remedy });
});

test('nobody is sent to authorize again where there is no browser, and everybody is told something', () => {
  for (const { error, description = '' } of errorTable) {
    for (const ask of asks) {
      const { meaning, remedy, actor } = errorWords(error, description, ask);
      const where = `${error}: ${description} on ${ask}`;
      assert.match(meaning, /^[A-Z].{10,}\.$/, where);
      assert.match(remedy, /^[A-Z].{10,}\.$/, where);
      if (ask === 'code' || ask === 'refresh') continue;
      assert.doesNotMatch(remedy, /authorize again|connect link/, where);
      assert.notEqual(actor, 'user', where);
    }
  }
});

test('what is to be done in Salesforce is named by the menu', () => {
  const remedies: [string, string, Ask, RegExp][] = [
    [
      'invalid_grant',
      'invalid assertion',
      'jwt_bearer',
      /External Client App Manager .* Enable JWT Bearer Flow.*signing-key/,
    ],
    [
      'invalid_grant',
      "user hasn't approved this consumer",
      'jwt_bearer',
      /Policies > OAuth Policies.*"Admin approved users are pre-authorized"/,
    ],
    ['invalid_app_access', '', 'refresh', /"Admin approved users are pre-authorized"/],
    [
      'invalid_grant',
      'audience is invalid',
      'jwt_bearer',
      /https:\/\/login\.salesforce\.com.*https:\/\/test\.salesforce\.com.*My Domain/,
    ],
    ['invalid_grant', 'Audience validation failed', 'jwt_bearer', /My Domain/],
    [
      'invalid_grant',
      'no client credentials user enabled',
      'client_credentials',
      /Enable Client Credentials Flow.*Run As/,
    ],
    ['invalid_grant', 'no valid scopes defined', 'client_credentials', /Selected OAuth Scopes/],
    ['invalid_grant', 'request not supported on this domain', 'client_credentials', /Setup > My Domain/],
    ['invalid_client_id', '', 'jwt_bearer', /Consumer Key/],
    ['invalid_client', '', 'client_credentials', /Secrets Manager/],
    ['unsupported_grant_type', '', 'jwt_bearer', /Enable JWT Bearer Flow/],
    ['oauth_flow_disabled', '', 'client_credentials', /Enable Client Credentials Flow/],
    ['rate_limit_exceeded', 'login rate exceeded', 'jwt_bearer', /loginsPerHour/],
  ];
  for (const [error, description, ask, remedy] of remedies) {
    assert.match(errorWords(error, description, ask).remedy, remedy, `${error}: ${description}`);
  }
  assert.doesNotMatch(errorWords('invalid_client', '', 'jwt_bearer').remedy, /Secrets Manager/);
  assert.doesNotMatch(errorWords('unsupported_grant_type', '', 'refresh').remedy, /JWT|Client Credentials/);
});

test('a connection is refreshed in the way of its flow', () => {
  assert.deepEqual((['authorization_code', ...withoutBrowser] as const).map(askOf), ['refresh', ...withoutBrowser]);
});
