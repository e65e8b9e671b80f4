/** On the engine of the local stack; on that of CI: `test/functions/adapters/s3-lifeboat.test.ts`. */
import { lifeboatContract } from './lifeboat-contract.ts';
import { fauxqsEngine } from './s3-engine.ts';

lifeboatContract('fauxqs', fauxqsEngine());
