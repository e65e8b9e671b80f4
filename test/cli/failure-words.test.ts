import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommandError } from '../../cli/command-error.ts';
import { failureWords } from '../../cli/failure-words.ts';
import { StoreUnavailableError } from '../../functions/core/errors.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:59'), { code: 'ECONNREFUSED' });
const store = (cause: Error) =>
  new StoreUnavailableError('DynamoDB Query failed with Error. Try again later', { cause });

describe('what a command says where it could not do what it was asked', () => {
  it('is where AWS was looked for and not reached, under whatever it failed with', () => {
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:59', AWS_REGION: 'eu-west-1' };
    for (const error of [refused, store(refused), store(named('TimeoutError', 'slow'))]) {
      const words = failureWords(error, env);
      assert.match(
        words,
        /\nhttp:\/\/127\.0\.0\.1:59 \(AWS_ENDPOINT_URL\) could not be reached \((ECONNREFUSED|TimeoutError)\)/,
      );
    }
    assert.match(
      failureWords(refused, { AWS_REGION: 'eu-west-1' }),
      /\nAWS in the region eu-west-1 could not be reached/,
    );
    assert.match(failureWords(refused, {}), /\nAWS in the region of your profile could not be reached/);
  });

  it('is how to sign in, also where the store was asked first', () => {
    const none = named('CredentialsProviderError', 'Could not load credentials from any providers');
    for (const error of [none, store(none)]) assert.match(failureWords(error, {}), /\nSign in to AWS/);
    assert.match(failureWords(new Error('Region is missing'), {}), /\nName the region of the stack with AWS_REGION\.$/);
  });

  it('is in which region a table was not found', () => {
    const env = { AWS_REGION: 'eu-west-1' };
    for (const error of [
      store(named('ResourceNotFoundException', 'Requested resource not found')),
      new StoreUnavailableError('There is no such table, or it is being made or deleted. Try again later'),
    ]) {
      assert.match(failureWords(error, env), /\nIt was looked for in the region eu-west-1\./);
    }
  });

  it('is no more than the message where that says all, and never the words of a store’s cause', () => {
    assert.equal(failureWords(new CommandError('Name another.'), {}), 'Name another.');
    assert.equal(failureWords(named('AccessDeniedException', 'No.'), {}), 'AccessDeniedException: No.');
    const words = failureWords(store(named('ValidationException', 'item {"secret":"s3"}')), {});
    assert.equal(words, 'StoreUnavailableError: DynamoDB Query failed with Error. Try again later');
  });
});
