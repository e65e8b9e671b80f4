import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { audienceMessage, audienceOf } from '../../../functions/core/audience.ts';

const login = 'https://login.salesforce.com';
const sandboxLogin = 'https://test.salesforce.com';
const production = 'https://acme.my.salesforce.com';
const sandbox = 'https://acme--uat.sandbox.my.salesforce.com';
const olderSandbox = 'https://acme--uat.my.salesforce.com';
const scratch = 'https://a-b-1.scratch.my.salesforce.com';
const developer = 'https://acme-dev-ed.develop.my.salesforce.com';
const site = 'https://acme.my.site.com/customers';
const simulator = 'http://127.0.0.1:3001';

describe('the audience of an assertion', () => {
  it('is the host that is asked, unless it is written', () => {
    for (const loginUrl of [login, sandboxLogin, production, sandbox, scratch, 'https://acme.my.site.com', simulator]) {
      assert.equal(audienceOf({}, loginUrl), loginUrl);
    }
    assert.equal(audienceOf({ audience: login }, production), login);
    assert.equal(audienceOf({ audience: site }, production), site);
  });

  it('is never an instance: those are no audience', () => {
    assert.equal(audienceOf({}, 'https://na1.salesforce.com'), login);
    assert.equal(audienceOf({}, 'https://usa12.salesforce.com'), login);
    assert.equal(audienceOf({}, 'https://cs84.salesforce.com'), sandboxLogin);
  });

  it('is the host itself where a request names one that the written audience cannot fit', () => {
    assert.equal(audienceOf({ audience: login }, sandbox), sandbox);
    assert.equal(audienceOf({ audience: sandboxLogin }, login), login);
    assert.equal(
      audienceOf({ audience: production }, 'https://other.my.salesforce.com'),
      'https://other.my.salesforce.com',
    );
    assert.equal(audienceOf({ audience: simulator }, login), login);
  });
});

describe('a pair of audience and login host', () => {
  const fits: [audience: string | undefined, loginUrl: string][] = [
    [undefined, login],
    [login, login],
    [sandboxLogin, sandboxLogin],
    [login, production],
    [production, production],
    [production, login],
    [sandboxLogin, sandbox],
    [sandbox, sandbox],
    [sandbox, sandboxLogin],
    [sandboxLogin, olderSandbox],
    [sandboxLogin, scratch],
    [login, developer],
    // A scratch org's name may have no partition.
    [sandboxLogin, production],
    [site, login],
    [site, production],
    ['https://acme.my.site.com', 'https://acme.my.site.com'],
    [simulator, simulator],
    [`${simulator}/customers`, simulator],
    [login, simulator],
    [sandboxLogin, 'https://cs84.salesforce.com'],
    ['https://acme.my.salesforce.mil', 'https://acme.my.salesforce.mil'],
  ];
  for (const [audience, loginUrl] of fits) {
    it(`may be ${audience} at ${loginUrl}`, () => assert.equal(audienceMessage({ audience, loginUrl }), undefined));
  }

  const wrong: [audience: string, loginUrl: string, message: RegExp][] = [
    [sandboxLogin, login, /does not fit .*production orgs.*set https:\/\/login\.salesforce\.com/],
    [login, sandboxLogin, /does not fit .*sandboxes.*set https:\/\/test\.salesforce\.com/],
    [login, sandbox, /does not fit/],
    [login, olderSandbox, /does not fit/],
    [login, scratch, /does not fit/],
    [sandboxLogin, developer, /does not fit/],
    [sandbox, login, /does not fit/],
    [login, 'https://cs84.salesforce.com', /does not fit/],
    [sandboxLogin, 'https://na1.salesforce.com', /does not fit/],
    ['https://acme--uat.sandbox.my.site.com/x', login, /does not fit/],
    ['https://other.my.salesforce.com', production, /another org's/],
    ['https://other.my.site.com', 'https://acme.my.site.com', /another org's/],
    ['https://login.example.com', login, /must be .*a My Domain or the URL of an Experience Cloud site/],
    ['https://salesforce.com.evil.org', login, /must be/],
    ['https://na1.salesforce.com', login, /must be https:\/\/login/],
    ['http://login.salesforce.com', login, /must be https; got/],
    [simulator, login, /must be https/],
    ['login.salesforce.com', login, /must be a URL/],
    [`${login}/`, login, /must be written as https:\/\/login\.salesforce\.com; got/],
    [`${site}/`, login, /must be written as https:\/\/acme\.my\.site\.com\/customers; got/],
    ['https://LOGIN.salesforce.com', login, /must be written as/],
    [`${login}/services/oauth2/token`, login, /no path/],
    [`${production}/x`, production, /no path/],
    [`${site}?x=y`, login, /no user, query or fragment/],
    [`${login}#x`, login, /no user, query or fragment/],
    ['https://user:pass@login.salesforce.com', login, /no user.*got https:\/\/login\.salesforce\.com\/$/],
  ];
  for (const [audience, loginUrl, message] of wrong) {
    it(`cannot be ${audience} at ${loginUrl}`, () =>
      assert.match(audienceMessage({ audience, loginUrl }) ?? '', message));
  }
});
