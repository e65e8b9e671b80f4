import { createMemoryStore } from '../../dev/memory/memory-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('the memory store', async (options) => createMemoryStore(options));
