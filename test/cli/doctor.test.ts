import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { type DoctorWorld, regionOf } from '../../cli/ask-health.ts';
import { doctor } from '../../cli/doctor.ts';
import { healthAddressOf } from '../../cli/health-address.ts';
import { parseHealth } from '../../cli/health-answer.ts';
import { doctorServer, illHealth, keys, wellHealth, world } from './doctor-server.ts';

const ask = (url: string, change: Partial<DoctorWorld> = {}, json = false) =>
  doctor({ url, json }, { ...world, ...change });

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

describe('the doctor’s report', () => {
  it('begins with the verdict, and exits 0 where nothing needs a person', async (test) => {
    const url = await doctorServer(test, (_, response) => json(response, 200, wellHealth));
    const { exitCode, lines, complaint } = await ask(url);
    assert.deepEqual([exitCode, complaint], [0, undefined]);
    assert.equal(lines[0], 'OK: nothing needs a person.');
    const text = lines.join('\n');
    assert.match(text, /3 connections: 3 active\./);
    assert.match(text, /Worth a look\n {2}\* crm: No claim\.\n {6}It is off\.\n {6}To do: Turn it on\./);
    assert.match(text, /PKCE is sent\./);
    assert.doesNotMatch(text, /Needs a person/);
  });

  it('says first what needs a person, and what to do, and exits 1', async (test) => {
    const url = await doctorServer(test, (_, response) => json(response, 200, illHealth()));
    const { exitCode, lines } = await ask(url);
    assert.equal(exitCode, 1);
    assert.equal(lines[0], 'NEEDS A PERSON: 3 things to do.');
    const text = lines.join('\n');
    assert.match(text, /12 or more refreshes are overdue, the oldest since 2026-11-21T11:00:00\.000Z/);
    assert.match(text, /org 00D000000000001EAA: Salesforce refuses many\.[\s\S]*To do: Ask the administrator\./);
    assert.match(text, /Salesforce refuses crm itself\.[\s\S]*To do: Set the secret\.\n {6}See docs\/errors\.md/);
    const places = ['Needs a person\n', 'Worth a look', 'Over since', 'Apps'].map((part) => text.indexOf(part));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.ok(!places.includes(-1));
    assert.ok(lines.every((line) => line.length <= 130));
  });

  it('is the answer itself with --json, by the same exit code, with what a newer deployment adds', async (test) => {
    const url = await doctorServer(test, (_, response) => json(response, 200, { ...illHealth(), newer: [1] }));
    const { exitCode, lines } = await ask(url, {}, true);
    assert.equal(exitCode, 1);
    assert.deepEqual(JSON.parse(lines.join('\n')), { ...illHealth(), newer: [1] });
  });

  it('brings nothing to the terminal that it would obey', async (test) => {
    const [crm] = wellHealth.apps;
    const evil = { ...crm, app: 'crm\u001b[2J\u009b31m\u202e' };
    const url = await doctorServer(test, (_, response) =>
      json(response, 200, { ...wellHealth, apps: [evil], 'newer\u009b2J': 1 }),
    );
    for (const asJson of [false, true]) {
      const { lines } = await ask(url, {}, asJson);
      assert.match(lines.join('\n'), /crm/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      assert.doesNotMatch(lines.join('\n'), /[\u001b\u009b\u202e]/);
    }
  });
});

describe('the doctor that gets no health answer exits 2, and', () => {
  const complaintOf = async (url: string, change: Partial<DoctorWorld> = {}) => {
    const { exitCode, lines, complaint = '' } = await ask(url, change);
    assert.deepEqual([exitCode, lines], [2, []]);
    assert.doesNotMatch(complaint, /the-secret-key|the-session/);
    return complaint;
  };

  it('says that nobody listens there', async () => {
    assert.match(await complaintOf('http://127.0.0.1:1'), /127\.0\.0\.1:1\/health could not be reached .*npm start/);
  });

  it('takes no page for an answer, nor JSON that is none', async (test) => {
    let body = '<html>Sign in</html>';
    const url = await doctorServer(test, (_, response) => response.writeHead(200).end(body));
    assert.match(await complaintOf(url), /no health answer: it is not JSON/);
    body = '{"message":"ok"}';
    assert.match(await complaintOf(url), /no health answer: status is missing or wrong/);
    body = JSON.stringify({ ...wellHealth, connections: { ...wellHealth.connections, total: -1 } });
    assert.match(await complaintOf(url), /connections\.total is missing or wrong/);
    body = '[]';
    assert.match(await complaintOf(url), /it is no object/);
  });

  it('says who refused it, and what to do', async (test) => {
    let body: unknown = { message: 'Forbidden' };
    const url = await doctorServer(test, (_, response) => json(response, 403, body));
    assert.match(await complaintOf(url), /answered 403: whatever listens there is not the local stack/);
    body = { code: 'forbidden', detail: 'You are granted no app.\u001b[2J' };
    const complaint = await complaintOf(url);
    assert.match(complaint, /You are granted no app\./);
    assert.ok(!complaint.includes('\u001b'));
  });

  it('follows no redirect, and says where it led', async (test) => {
    let asked = 0;
    const url = await doctorServer(test, (_, response) => {
      asked += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    assert.match(await complaintOf(url), /answered 302, a redirect to "\/elsewhere"\. It was not followed/);
    assert.equal(asked, 1);
  });

  it('tells an older deployment, a limit and a failure apart', async (test) => {
    let status = 404;
    const url = await doctorServer(test, (_, response) => json(response, status, {}));
    assert.match(await complaintOf(url), /answered 404: .*older than GET \/health/);
    status = 503;
    assert.match(await complaintOf(url), /answered 503\. Ask again in a minute/);
    status = 418;
    assert.match(await complaintOf(url), /answered 418, which is no health answer/);
  });

  it('waits for no one longer than its time, at the head or in the body', async (test) => {
    const silent = await doctorServer(test, () => undefined);
    assert.match(await complaintOf(silent, { timeoutMs: 50 }), /did not answer within 0\.05 seconds/);
    const stuck = await doctorServer(test, (_, response) => response.writeHead(200).write('{'));
    assert.match(await complaintOf(stuck, { timeoutMs: 50 }), /did not answer within 0\.05 seconds/);
  });

  it('reads no more than four megabytes', async (test) => {
    const url = await doctorServer(test, (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const more = () => response.write(chunk, (error) => (error ? undefined : more()));
      response.writeHead(200);
      more();
    });
    assert.match(await complaintOf(url), /no health answer: it is larger than 4 MB/);
  });

  it('sends nothing to an address that is not secure, or that says more than a place', async () => {
    const never: Partial<DoctorWorld> = { fetch: () => assert.fail('It was asked.') };
    assert.match(await complaintOf('http://grants.example.com', never), /must be https/);
    assert.match(await complaintOf('https://user:word@grants.example.com', never), /must have no user/);
    assert.match(await complaintOf('https://grants.example.com/?a=1', never), /must have no user, query or fragment/);
    assert.match(await complaintOf('grants', never), /is no address/);
    assert.match(await complaintOf('ftp://grants.example.com', never), /is no address/);
  });

  it('names what a signature lacks', async () => {
    const fetch = () => assert.fail('It was asked.');
    assert.match(await complaintOf('https://grants.example.com', { fetch }), /name it with AWS_REGION/);
    const none = Object.assign(new Error('Could not load credentials.'), { name: 'CredentialsProviderError' });
    const credentials = () => Promise.reject(none);
    const complaint = await complaintOf('https://grants.example.com', { fetch, credentials, region: 'eu-central-1' });
    assert.match(complaint, /Could not load credentials\. Sign in to AWS/);
  });
});

describe('the doctor’s request', () => {
  const sent = async (url: string, change: Partial<DoctorWorld> = {}) => {
    const requests: { url: string; headers: Headers; redirect: string | undefined }[] = [];
    const fetch: DoctorWorld['fetch'] = async (input, init) => {
      requests.push({ url: String(input), headers: new Headers(init?.headers), redirect: init?.redirect });
      return Response.json(wellHealth);
    };
    const { exitCode } = await ask(url, { fetch, credentials: async () => keys, ...change });
    assert.equal(exitCode, 0);
    assert.equal(requests.length, 1);
    return requests[0]!;
  };

  it('is not signed on this machine, whoever listens there', async () => {
    for (const url of ['http://127.0.0.1:3000', 'http://localhost:3000/', 'https://[::1]:3000']) {
      assert.equal((await sent(url)).headers.get('authorization'), null);
    }
  });

  it('is signed for execute-api in the region of the host, as AWS Signature Version 4 has it', async () => {
    const { url, headers, redirect } = await sent('https://abc.execute-api.eu-west-1.amazonaws.com');
    assert.equal(url, 'https://abc.execute-api.eu-west-1.amazonaws.com/health');
    assert.equal(redirect, 'manual');
    assert.equal(headers.get('authorization'), expectedAuthorization(headers, 'eu-west-1', '/health'));
    assert.equal(headers.get('host'), null);
  });

  it('is signed in the region of the environment where the host names none, at the path that it is given', async () => {
    const { url, headers } = await sent('https://grants.example.com/prod/', { region: 'us-east-2' });
    assert.equal(url, 'https://grants.example.com/prod/health');
    const expected = expectedAuthorization(headers, 'us-east-2', '/prod/health', 'grants.example.com');
    assert.equal(headers.get('authorization'), expected);
  });

  it('finds a region in hosts of API Gateway alone', () => {
    const region = (host: string) => regionOf(new URL(`https://${host}`));
    assert.equal(region('a1.execute-api.cn-north-1.amazonaws.com.cn'), 'cn-north-1');
    assert.equal(region('a1.execute-api.us-east-1.amazonaws.com.evil.example'), undefined);
    assert.equal(region('grants.example.com'), undefined);
  });

  it('is for one address, under the path of its stage', () => {
    assert.equal(healthAddressOf('https://a.example/prod').url.href, 'https://a.example/prod/health');
    assert.equal(healthAddressOf('http://127.0.0.1:3000').url.href, 'http://127.0.0.1:3000/health');
  });
});

it('an answer as the core makes it is one', () => {
  for (const health of [wellHealth, illHealth()]) assert.equal(parseHealth(JSON.stringify(health)).ok, true);
  assert.equal(parseHealth(JSON.stringify({ ...wellHealth, status: 'fine' })).ok, false);
});

/** By the steps of AWS's own description, and not by the library that signed. */
function expectedAuthorization(
  headers: Headers,
  region: string,
  path: string,
  host = 'abc.execute-api.eu-west-1.amazonaws.com',
) {
  const date = headers.get('x-amz-date') ?? '';
  assert.equal(date, '20261121T120000Z');
  const [, signed = ''] = /SignedHeaders=([^,]+),/.exec(headers.get('authorization') ?? '') ?? [];
  assert.ok(signed.split(';').includes('host') && signed.split(';').includes('x-amz-security-token'));
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const lines = signed.split(';').map((name) => `${name}:${name === 'host' ? host : headers.get(name)}\n`);
  const canonical = ['GET', path, '', lines.join(''), signed, sha256('')].join('\n');
  const scope = `20261121/${region}/execute-api/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const steps = ['20261121', region, 'execute-api', 'aws4_request'];
  const key = steps.reduce<Buffer | string>(
    (k, step) => createHmac('sha256', k).update(step).digest(),
    `AWS4${keys.secretAccessKey}`,
  );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}
