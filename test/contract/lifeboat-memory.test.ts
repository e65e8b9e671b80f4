import { createMemoryLifeboat } from '../../dev/memory/memory-lifeboat.ts';
import { lifeboatContract } from './lifeboat-contract.ts';

lifeboatContract('the memory lifeboat', {
  start: async () => {},
  makeLifeboat: async () => createMemoryLifeboat(),
  stop: async () => {},
});
