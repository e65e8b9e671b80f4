/** What a configuration has that says nothing of its own. */
import { parseConfig, type Thresholds } from '../../functions/core/config.ts';

export const configDefaults: Thresholds = parseConfig({ apps: { crm: { clientId: 'crm' } } }, 'defaults').thresholds;
