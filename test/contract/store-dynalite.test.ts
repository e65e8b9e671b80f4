import { dynaliteEngine } from './endpoint-engine.ts';
import { storeContract } from './store-contract.ts';

storeContract('dynalite', dynaliteEngine());
