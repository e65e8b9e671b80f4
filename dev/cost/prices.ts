/**
 * AWS list prices of us-east-1 (N. Virginia) in US dollars, on demand, without free tiers, savings plans or taxes. As
 * known to the authors at the date below. Nothing was asked of AWS itself; `confirmed` says in whose pages, of which
 * copies are stored, a price was found again on that day: check the others against the sources before you rely on a figure,
 * and change them here. Tiers that only the largest bills reach are left out, except where they are named.
 */
export const pricesAsOf = '2026-11-21';

export interface Price {
  readonly usd: number;
  /** So many of the unit for that. */
  readonly per: number;
  readonly unit: string;
  readonly source: string;
  /** `AWS`: in a copy of a page of AWS; `others`: in pages of others, of 2025 and 2026. @default - was not looked up */
  readonly confirmed?: 'AWS' | 'others';
}

const aws = 'https://aws.amazon.com';

export const prices = {
  apiRequest: {
    usd: 1,
    per: 1e6,
    unit: 'requests (HTTP API)',
    source: `${aws}/api-gateway/pricing/`,
    confirmed: 'AWS',
  },
  lambdaRequest: { usd: 0.2, per: 1e6, unit: 'requests', source: `${aws}/lambda/pricing/` },
  lambdaGbSecond: { usd: 0.0000133334, per: 1, unit: 'GB-seconds (arm64)', source: `${aws}/lambda/pricing/` },
  dynamoRead: {
    usd: 0.125,
    per: 1e6,
    unit: 'read request units',
    source: `${aws}/dynamodb/pricing/on-demand/`,
    confirmed: 'others',
  },
  dynamoWrite: {
    usd: 0.625,
    per: 1e6,
    unit: 'write request units',
    source: `${aws}/dynamodb/pricing/on-demand/`,
    confirmed: 'others',
  },
  dynamoStorage: { usd: 0.25, per: 1, unit: 'GB-months', source: `${aws}/dynamodb/pricing/on-demand/` },
  dynamoBackup: {
    usd: 0.2,
    per: 1,
    unit: 'GB-months (point-in-time recovery)',
    source: `${aws}/dynamodb/pricing/on-demand/`,
  },
  sqsRequest: { usd: 0.5, per: 1e6, unit: 'requests (FIFO)', source: `${aws}/sqs/pricing/` },
  kmsRequest: { usd: 0.03, per: 1e4, unit: 'requests (symmetric)', source: `${aws}/kms/pricing/`, confirmed: 'others' },
  kmsKey: { usd: 1, per: 1, unit: 'key-months', source: `${aws}/kms/pricing/`, confirmed: 'others' },
  secret: { usd: 0.4, per: 1, unit: 'secret-months', source: `${aws}/secrets-manager/pricing/` },
  secretRequest: { usd: 0.05, per: 1e4, unit: 'requests', source: `${aws}/secrets-manager/pricing/` },
  s3WriteOrList: { usd: 0.005, per: 1e3, unit: 'PUT and LIST requests', source: `${aws}/s3/pricing/` },
  schedule: { usd: 1, per: 1e6, unit: 'invocations (Scheduler)', source: `${aws}/eventbridge/pricing/` },
  logIngestion: { usd: 0.5, per: 1, unit: 'GB', source: `${aws}/cloudwatch/pricing/`, confirmed: 'others' },
  logStorage: { usd: 0.03, per: 1, unit: 'GB-months', source: `${aws}/cloudwatch/pricing/` },
  dataOut: {
    usd: 0.09,
    per: 1,
    unit: 'GB to the internet',
    source: `${aws}/ec2/pricing/on-demand/`,
    confirmed: 'others',
  },
  metric: { usd: 0.3, per: 1, unit: 'metric-months', source: `${aws}/cloudwatch/pricing/`, confirmed: 'others' },
  alarm: { usd: 0.1, per: 1, unit: 'alarm-months', source: `${aws}/cloudwatch/pricing/` },
  dashboard: { usd: 3, per: 1, unit: 'dashboard-months', source: `${aws}/cloudwatch/pricing/`, confirmed: 'others' },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof prices;

/** @throws RangeError unless `quantity` is a number from 0 */
export function costOf(name: PriceName, quantity: number): number {
  if (!(quantity >= 0 && Number.isFinite(quantity))) {
    throw new RangeError(`a quantity of ${prices[name].unit} is a number from 0; got ${quantity}`);
  }
  return (quantity / prices[name].per) * prices[name].usd;
}
