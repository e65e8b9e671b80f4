/** docs/cost.md, from what was measured, the assumptions, the prices and the quotas. */
import { functionNames, functionShapes } from '../../lib/functions.ts';
import {
  type Assumptions,
  assumptions as all,
  memoryOfProcessorMib,
  platformLogBytes,
  refreshEachHours,
  waitsMs,
} from './assumptions.ts';
import { billOf, costOfAct, dataOutOf, type Standing } from './bill.ts';
import { configDefaults } from './config-defaults.ts';
import { billedMs, slowerThanHere } from './function-time.ts';
import { type Act, acts, type Measured } from './measure.ts';
import { type Price, prices, pricesAsOf } from './prices.ts';
import { quotasOf } from './quotas.ts';

/** As it is kept beside this file. */
export interface Kept {
  readonly measuredOn: string;
  readonly measured: Measured;
  readonly standing: Standing;
}

export const sizes = [1_000, 100_000, 1_000_000] as const;

const actWords: Readonly<Record<Act, string>> = {
  read: 'a token read',
  'open keys': 'a key of an org that the process did not have',
  mark: 'the first read after a refresh, besides',
  refresh: 'a refresh by the schedule; an idle connection’s day is one',
  'asked refresh': 'a read that finds its token ended, with its refresh',
  connect: 'a connect, from session to configured integration',
  'idle minute': 'a minute in which nothing is due',
};

export function costPage({ measuredOn, measured, standing }: Kept, of: Assumptions = all): string {
  return `# What it costs, and where it ends

Made by \`npm run cost -- --write\`; \`npm run cost\` prints it anew and keeps nothing. Prices are AWS list prices of us-east-1 as known to the authors on ${pricesAsOf} ([dev/cost/prices.ts](../dev/cost/prices.ts)), without free tiers and taxes. Nothing was asked of AWS itself; which were found again in stored copies of public pages on that day stands beside each [below](#prices). Check the others first.

## The bill of a month

${billTable(measured, standing, of)}

Supposed ([dev/cost/assumptions.ts](../dev/cost/assumptions.ts)): ${percent(of.inUseShare)} of the connections are in use, each read ${of.readsPerDayInUse} times a day and refreshed every ${units(refreshEachHours.inUse)} hours; the others are refreshed every ${units(refreshEachHours.idle)} hours, and read on ${of.readsPerMonthIdle} days of a month, when their token has ended. ${of.connectionsPerOrg} connections to an org, ${of.refreshesPerBatch} due together; ${percent(of.connectedShare)} new each month; ${of.apps} app. Logs are kept for a month.

${readsOf(of)}

Not in it: data that leaves AWS, ${sizes.map((size) => dollars(dataOutOf(size, measured, of))).join(', ')} USD for the answers if all callers are outside AWS (${(measured.usage.read['api.bytesOut'] ?? 0).toLocaleString('en-US')} bytes of a read, headers included); requests that services make with the storage key, each of which keeps a key of its own for minutes; alerts; your callers. Prop \`egress\` adds about 150 USD a month for two zones, and what goes through it.

## What an act uses

${actTable(measured, of)}

**Measured**, by running the deployed flows on a local DynamoDB engine ([dev/cost/measure.ts](../dev/cost/measure.ts)): reads and writes in DynamoDB’s units, from the sizes of the items and of their index entries; requests to KMS, SQS, API Gateway and Salesforce; invocations; bytes of log lines and the ${measured.metrics} metrics in them; ${Math.round(measured.bytesOfConnection).toLocaleString('en-US')} bytes in ${units(measured.itemsOfConnection)} items for a connection with one integration. A test measures it anew and compares.

**Measured on one machine** (${measuredOn}) and as good as that: the functions’ own milliseconds of a processor, warm, the median of some ten to a hundred invocations, ${ownMs(measured)}. They are of parsing, deciding, sealing and logging. What the clients of AWS do for a request (signing, JSON) is counted with its wait. Compare the first weeks’ \`Duration\` in CloudWatch: all of Lambda’s time is a small part of the bill.

**Modelled**: that they take ${slownessWords()} ([lib/functions.ts](../lib/functions.ts)), as ${memoryOfProcessorMib.toLocaleString('en-US')} MB have a whole processor; waits of ${waitsMs.dynamodb} ms for DynamoDB, ${waitsMs.keys} ms for KMS, ${waitsMs.salesforce} ms for Salesforce, one after the other; ${platformLogBytes.invocation} bytes of Lambda’s own log lines for an invocation and ${platformLogBytes.request} of the access log; how often a process has an org’s key (random arrivals over as many instances as are needed); cold starts are not in it.

## Quotas

At which number each binds, computed from the above. First those of ours, which are settings; they bind long before AWS’s. Of AWS’s, copies of its own pages confirmed on ${pricesAsOf}: Lambda’s instances and ten requests, KMS’s 10,000 for symmetric keys and 500 for RSA; the others are as known to the authors, defaults of us-east-1, and most can be raised.

${quotaTable(measured, of)}

## Prices

| what | USD | for | found again in pages of |
| --- | --- | --- | --- |
${Object.values(prices)
  .map(
    ({ usd, per, unit, source, confirmed }: Price) =>
      `| [${unit}](${source}) | ${usd} | ${per.toLocaleString('en-US')} | ${confirmed ?? 'not looked up'} |`,
  )
  .join('\n')}
`;
}

/** What of ours the reads of these sizes go beyond. */
function readsOf(of: Assumptions): string {
  const allowed = configDefaults.apiRequestsPerSecond;
  const rates = sizes.map((size) => ({ size, perSecond: (size * of.inUseShare * of.readsPerDayInUse) / 86_400 }));
  const beyond = rates.filter(({ perSecond }) => perSecond > allowed).map(({ size }) => size.toLocaleString('en-US'));
  const all = rates.map(({ perSecond }) => perSecond.toLocaleString('en-US', { maximumFractionDigits: 1 })).join(', ');
  const advice =
    beyond.length === 0 ? '' : ` A deployment of ${beyond.join(' and ')} needs a larger \`apiRequestsPerSecond\`.`;
  return `Reads a second on average: ${all}; ours takes ${allowed} on each route.${advice}`;
}

function billTable(measured: Measured, standing: Standing, of: Assumptions): string {
  const months = sizes.map((size) => billOf(size, measured, standing, of));
  const whats = months[0]?.lines.map(({ what }) => what) ?? [];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['USD a month', ...sizes.map((size) => `${size.toLocaleString('en-US')} connections`)]),
    row(['---', ...sizes.map(() => '---:')]),
    ...whats.map((what, index) => row([what, ...months.map(({ lines }) => dollars(lines[index]?.usd ?? 0))])),
    row(['**in all**', ...months.map(({ totalUsd }) => `**${dollars(totalUsd)}**`)]),
    row(['a connection', ...months.map(({ totalUsd }, index) => (totalUsd / (sizes[index] ?? 1)).toFixed(4))]),
  ].join('\n');
}

function actTable(measured: Measured, of: Assumptions): string {
  const head =
    '| act | read units | write units | of them in indexes | KMS | Salesforce | functions’ ms | log bytes | USD for a million |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |';
  const rows = acts.map((act) => {
    const usage = measured.usage[act];
    const sum = (pattern: RegExp) =>
      Object.entries(usage).reduce((total, [name, count]) => (pattern.test(name) ? total + count : total), 0);
    const cells = [
      units(sum(/^dynamodb\.rru$/)),
      units(sum(/^dynamodb\.(wru|indexWru)$/)),
      units(sum(/^dynamodb\.indexWru$/)),
      units(sum(/^calls\.keys\./)),
      units(sum(/^calls\.salesforce/)),
      Math.round(billedMs(act, measured, of.refreshesPerBatch)).toLocaleString('en-US'),
      Math.max(0, Math.round(sum(/^logs\.bytes$/))).toLocaleString('en-US'),
      dollars(costOfAct(act, measured, of) * 1e6),
    ];
    return `| ${actWords[act]} | ${cells.join(' | ')} |`;
  });
  return [head, ...rows].join('\n');
}

function quotaTable(measured: Measured, of: Assumptions): string {
  const rows = quotasOf(measured, of).map(
    ({ where, quota, meets, binds }) => `| ${where} | ${quota} | ${meets} | ${binds} |`,
  );
  return ['| whose | quota | what meets it | binds at |\n| --- | --- | --- | --- |', ...rows].join('\n');
}

function ownMs({ ownMs: all }: Measured): string {
  return Object.entries(all)
    .map(([name, ms]) => `\`${name}\` ${ms}`)
    .join(', ');
}

/** By memory, the largest first, with the functions that have it. */
function slownessWords(): string {
  const sizesMib = [...new Set(functionNames.map((name) => functionShapes[name].memoryMiB))].sort((a, b) => b - a);
  const words = sizesMib.map((mib, index) => {
    const names = functionNames.filter((name) => functionShapes[name].memoryMiB === mib);
    const who = index === 0 && sizesMib.length > 1 ? '' : ` (${names.map((name) => `\`${name}\``).join(', ')})`;
    return `${units(slowerThanHere(names[0] ?? 'token'))} times as long with ${mib} MB${who}`;
  });
  return words.join(', ');
}

function dollars(usd: number): string {
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function units(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
