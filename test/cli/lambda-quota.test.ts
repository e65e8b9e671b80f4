import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DoctorWorld } from '../../cli/ask-health.ts';
import { doctor } from '../../cli/doctor.ts';
import { quotaWarning } from '../../cli/lambda-quota.ts';
import { inFrontAtFirst } from '../../functions/core/waiting-readers.ts';
import { recommendedConcurrency, sharedAtLeast, unreservedAtLeast } from '../../lib/concurrency.ts';
import { refreshAtLeast } from '../../lib/reserved-concurrency.ts';
import { keys, wellHealth, world } from './doctor-server.ts';

const reservedNeeds = Object.values(recommendedConcurrency).reduce((sum, one) => sum + one, unreservedAtLeast);
const warn = (atOnce: number, unreserved = atOnce) => quotaWarning({ atOnce, unreserved }, 'eu-west-1') ?? '';

describe('the account’s Lambda quota', () => {
  it('is warned of where all share less than a deployment needs', () => {
    assert.match(
      warn(10),
      /^Lambda runs 10 functions .* in eu-west-1, 10 of them unreserved; .* needs 60.*Service Quotas/,
    );
    assert.match(warn(1_000, sharedAtLeast - 1), /1000 functions .*, 59 of them unreserved; .* needs 60/);
  });

  it('is warned of where reserved concurrency would be refused', () => {
    assert.match(warn(sharedAtLeast), /with concurrency: 'reserved' it must be 302, or CloudFormation refuses/);
    assert.match(warn(reservedNeeds - 1), /to 302 or more/);
  });

  it('is not warned of where it is enough, with what is reserved and without', () => {
    assert.deepEqual([warn(reservedNeeds), warn(reservedNeeds, unreservedAtLeast), warn(1_000, 798)], ['', '', '']);
  });

  it('has room for the refreshes of the queue and of an org that hangs, and its readers', () => {
    assert.ok(sharedAtLeast >= refreshAtLeast + 3 * inFrontAtFirst + 10);
  });
});

describe('the doctor', () => {
  const ask = async (quota: DoctorWorld['quota'], { url = aws, json = false } = {}) => {
    const fetch = async () => Response.json(wellHealth);
    const { exitCode, lines } = await doctor({ url, json }, { ...world, fetch, credentials: async () => keys, quota });
    assert.equal(exitCode, 0, 'what it knows of the account is no finding of the deployment');
    return lines.join('\n');
  };
  const aws = 'https://abc.execute-api.eu-west-1.amazonaws.com';
  const small = async () => ({ atOnce: 10, unreserved: 10 });

  it('tells of a quota that is too small, of the region of the deployment', async () => {
    assert.match(await ask(small), /\n\nLambda runs 10 functions of this account at once in eu-west-1/);
  });

  it('says nothing of it where it is enough, where the credentials may not ask, and with --json', async () => {
    const denied = () => Promise.reject(new Error('AccessDeniedException'));
    const enough = async () => ({ atOnce: 1_000, unreserved: 1_000 });
    for (const quota of [denied, enough, undefined]) assert.doesNotMatch(await ask(quota), /Lambda runs/);
    assert.deepEqual(JSON.parse(await ask(small, { json: true })), wellHealth);
  });

  it('asks nothing of AWS for the local stack', async () => {
    assert.match(await ask(() => assert.fail('It was asked.'), { url: 'http://127.0.0.1:3000' }), /^OK/);
  });
});
