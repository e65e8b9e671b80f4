/** The confusion matrix of the diagnosis: `npm run test:long`. */
import { describeDeaths } from './told-deaths.ts';

describeDeaths('two hundred deaths of each cause', 200);
