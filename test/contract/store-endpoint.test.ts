/** The store contract on an engine of one's choice: `STORE_CONTRACT_ENDPOINT=http://127.0.0.1:8000 node --test …`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointEngine } from './endpoint-engine.ts';
import { storeContract } from './store-contract.ts';

const endpoint = process.env.STORE_CONTRACT_ENDPOINT;

if (endpoint === undefined || endpoint === '') {
  it('the store contract on another engine', {
    skip: 'STORE_CONTRACT_ENDPOINT is not set; start an engine such as DynamoDB Local and set it to its loopback address',
  });
} else {
  storeContract(endpoint, endpointEngine(endpoint));
}

describe('the endpoint of the store contract', () => {
  for (const address of ['https://dynamodb.us-east-1.amazonaws.com', 'http://10.0.0.1:8000', 'localhost:8000', 'x']) {
    it(`is refused where it is not on loopback: ${address}`, () => {
      assert.throws(() => endpointEngine(address), /must be an http address on loopback/);
    });
  }

  it('is taken where it is', () => {
    assert.doesNotThrow(() => endpointEngine('http://127.0.0.1:8000'));
    assert.doesNotThrow(() => endpointEngine('http://localhost:8000'));
  });
});
