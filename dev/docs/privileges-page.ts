/**
 * `docs/privileges.md`, made from the synthesized template: what the role of each Lambda may do, on what, on what
 * condition. `npm run docs` writes it; a test holds page and template together.
 */
import type { Template } from 'aws-cdk-lib/assertions';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames, functionShapes } from '../../lib/functions.ts';
import { kindPrefixes } from '../../lib/table-rights.ts';
import {
  actionsOf,
  functionOf,
  resourcesOf,
  type Statement,
  statementsOf,
  statementsOfRole,
} from '../../test/lib/template-reading.ts';

/** @param full with `egress`, whose additions are told once */
export function privilegesPage(template: Template, full: Template): string {
  return [
    '# What each Lambda may do',
    '',
    '<!-- Made from the synthesized template by `npm run docs`. -->',
    '',
    'Each Lambda has a role of its own, and a role has the statements below and no other: no managed policy, no wildcard but where AWS has no narrower word (`test/lib/privileges.test.ts` lists those, each with its reason). What a stolen role could do is its table.',
    '',
    'Items of the table go by kind, which is what their partition keys begin with; the local stack and the fault simulation hold the functions to the same table. Of tokens, only `token` and `refresh` open the keys of access tokens, and only `refresh` and `maintain` those of refresh tokens. The storage key opens nothing by itself: only the service that holds the data may use it for the role. The data key opens nothing for a role without the tag that those three have, whatever another policy of the account allows.',
    '',
    'Example: apps of every flow, with the default props.',
    ...functionNames.flatMap((name) => chapter(template, name)),
    '',
    '## Other roles',
    '',
    ...otherRoles(template),
    '',
    'With a Slack channel, a role that may do nothing, and `refresh` and `maintain` may publish to its topic; with `configurationFunction`, `configure` may invoke it. What `grantRead`, `grantConnect` and `grantAdmin` give a caller: the service routes in `functions/core/routes.ts`, nothing else.',
    '',
    '## Policies of keys, bucket, topic and queues',
    '',
    ...resourcePolicies(template),
    '',
    '## With `egress`',
    '',
    ...egressChapter(template, full),
    '',
  ].join('\n');
}

function chapter(template: Template, name: FunctionName): string[] {
  const words = wordsOf(template);
  const rows = statementsOf(template, name).flatMap((statement) => rowsOf(statement, words));
  return [
    '',
    `## \`${name}\``,
    '',
    `${functionShapes[name].description[0]?.toUpperCase()}${functionShapes[name].description.slice(1)}.`,
    '',
    ...table(['on', 'may', 'if'], sorted(rows)),
  ];
}

function otherRoles(template: Template): string[] {
  const own = new Set(functionNames.map((name) => functionOf(template, name)[1].Properties.Role['Fn::GetAtt'][0]));
  const words = wordsOf(template);
  const rows = resourcesOf(template, 'AWS::IAM::Role')
    .filter(([id]) => !own.has(id))
    .flatMap(([id, { Properties }]) =>
      statementsOfRole(template, id).flatMap((one) =>
        rowsOf(one, words).map((row) => [`${Properties.Description}`, ...row]),
      ),
    );
  return table(['role', 'on', 'may', 'if'], sorted(rows));
}

interface ResourceStatement extends Statement {
  readonly Principal: unknown;
}

/** Where a resource itself says who may; and whom it denies what. */
function resourcePolicies(template: Template): string[] {
  const words = wordsOf(template);
  const policies: [type: string, document: string, of: (id: string, properties: Record<string, unknown>) => unknown][] =
    [
      ['AWS::KMS::Key', 'KeyPolicy', (id) => ({ Ref: id })],
      ['AWS::S3::BucketPolicy', 'PolicyDocument', (_id, { Bucket }) => Bucket],
      ['AWS::SNS::TopicPolicy', 'PolicyDocument', (_id, { Topics }) => (Topics as unknown[])[0]],
      ['AWS::SQS::QueuePolicy', 'PolicyDocument', (_id, { Queues }) => (Queues as unknown[])[0]],
    ];
  const rows = policies.flatMap(([type, document, of]) =>
    resourcesOf(template, type).flatMap(([id, { Properties }]) =>
      (Properties[document].Statement as ResourceStatement[]).map((one) => {
        const [[, may = '', condition = ''] = []] = rowsOf({ ...one, Resource: '*' }, words);
        return [textOf(of(id, Properties), words), principalWords(one.Principal), may, condition];
      }),
    ),
  );
  return table(['of', 'who', 'may', 'if'], sorted(rows));
}

function principalWords(principal: unknown): string {
  if (principal === '*') return 'anybody';
  const { AWS, Service } = principal as { AWS?: unknown; Service?: unknown };
  if (AWS === '*') return 'anybody';
  if (AWS !== undefined && /:root"/.test(JSON.stringify(AWS))) return 'whom IAM policies of the account let';
  return `\`${textOf(Service, new Map())}\``;
}

type Words = ReadonlyMap<string, string>;

function rowsOf({ Action, Resource, Condition, Effect }: Statement, words: Words): string[][] {
  const may = actionsOf({ Action } as Statement)
    .map((action) => `\`${action}\``)
    .toSorted()
    .join(', ');
  const verb = Effect === 'Deny' ? `is denied ${may}` : may;
  return [Resource].flat().map((resource) => [resourceWords(resource, words), verb, conditionWords(Condition, words)]);
}

/** By resource, for that is what a reader looks for. */
function sorted(rows: readonly string[][]): string[][] {
  return rows.toSorted((a, b) => a.join().localeCompare(b.join(), 'en'));
}

/** What the template's resources are called here, by logical id. */
function wordsOf(template: Template): Words {
  const name = ([id, { Type, Properties }]: [string, { Type: string; Properties: Record<string, unknown> }]) => {
    switch (Type) {
      case 'AWS::DynamoDB::Table':
        return 'the table';
      case 'AWS::S3::Bucket':
        return 'the lifeboat';
      case 'AWS::KMS::Key':
        return id.includes('DataKey') ? 'the data key' : 'the storage key';
      case 'AWS::SecretsManager::Secret':
        return `the secret \`${String(Properties.Name).replace(/^Grantkeeper\//, '<prefix>')}\``;
      case 'AWS::SNS::Topic':
        return id.includes('Chat') ? 'the chat topic' : 'the alert topic';
      case 'AWS::SQS::Queue':
        return `the ${id.includes('Refresh') ? 'refresh' : 'configuration'} queue${id.includes('DeadLetters') ? '’s dead letters' : ''}`;
      case 'AWS::Logs::LogGroup':
        return 'its own log group';
      default:
        return `\`${id}\``;
    }
  };
  const all = Object.entries(template.toJSON().Resources) as Parameters<typeof name>[0][];
  const words = new Map(all.map((one) => [one[0], name(one)]));
  for (const one of functionNames) words.set(functionOf(template, one)[0], `the function \`${one}\``);
  return words;
}

function resourceWords(resource: unknown, words: Words): string {
  if (resource === '*') return 'all';
  const text = textOf(resource, words);
  const [, index] = /^the table\/index\/(.+)$/.exec(text) ?? [];
  if (index !== undefined) return `the table’s index \`${index}\``;
  if (text === 'the lifeboat/c/*') return 'the lifeboat’s entries';
  return text.startsWith('arn:') ? `\`${text}\`` : text;
}

/** A value of the template in one line: references by their words, joins joined. */
function textOf(value: unknown, words: Words): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (Array.isArray(attribute)) return words.get(String(attribute[0])) ?? String(attribute[0]);
  if (typeof Ref === 'string') return words.get(Ref) ?? `<${Ref.replace('AWS::', '').toLowerCase()}>`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map((part) => textOf(part, words)).join('');
  throw new Error(`A value of the template has no words: ${JSON.stringify(value)}`);
}

function conditionWords(condition: Statement['Condition'], words: Words): string {
  const parts = Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) =>
      operator === 'Null'
        ? presenceOf(key, value)
        : `${operator.includes('Not') ? 'unless ' : ''}${partOf(key, [value].flat(), words)}`,
    ),
  );
  return parts
    .filter((part) => part !== '')
    .toSorted()
    .join('; ');
}

/** What must be there: of items and attributes it goes without saying, for they are named. */
function presenceOf(key: string, value: unknown): string {
  if (value !== 'false') throw new Error(`A condition has no words: ${key} is absent`);
  if (key.startsWith('dynamodb:')) return '';
  return key === 'kms:EncryptionContext:scope' ? 'with a scope' : `with \`${key}\``;
}

function partOf(key: string, values: readonly unknown[], words: Words): string {
  const texts = values.map((value) => textOf(value, words));
  const listed = (all: readonly string[]) => all.map((text) => `\`${text}\``).join(', ');
  switch (key) {
    case 'dynamodb:LeadingKeys':
      return `items: ${texts.map(kindOf).toSorted().join(', ')}`;
    case 'dynamodb:Attributes':
      return `only the attributes ${listed(texts.toSorted())}`;
    case 'kms:ViaService':
      return `through ${texts.map((text) => text.split('.')[0]).join(', ')}`;
    case 'kms:EncryptionContext:purpose':
      return `purpose ${listed(texts.toSorted())}`;
    case 'kms:EncryptionContext:SecretARN':
      return `for ${texts.join(', ')}`;
    default:
      return `\`${key}\`: ${listed(texts)}`;
  }
}

function kindOf(prefix: string): string {
  const [kind] = Object.entries(kindPrefixes).find(([, one]) => `${one}*` === prefix) ?? [prefix];
  return kind;
}

function egressChapter(template: Template, full: Template): string[] {
  const inVpc = functionNames.filter((name) => functionOf(full, name)[1].Properties.VpcConfig !== undefined);
  const before = new Set(inVpc.flatMap((name) => statementsOf(template, name)).map((one) => JSON.stringify(one)));
  const words = wordsOf(full);
  const added = inVpc.map((name) =>
    sorted(
      statementsOf(full, name)
        .filter((one) => !before.has(JSON.stringify(one)))
        .flatMap((one) => rowsOf(one, words)),
    ),
  );
  const [first = []] = added;
  if (added.some((rows) => JSON.stringify(rows) !== JSON.stringify(first))) {
    throw new Error('The functions in the VPC differ in what egress adds: the page must tell them apart.');
  }
  const names = inVpc.map((name) => `\`${name}\``).join(', ');
  return [
    `${names} stand in the VPC; Lambda makes their network interfaces in the name of their roles. Added to each:`,
    '',
    ...table(['on', 'may', 'if'], first),
    '',
    `Endpoints in the VPC: ${resourcesOf(full, 'AWS::EC2::VPCEndpoint').length}, each for this account and named actions only.`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (all: readonly string[]) => `| ${all.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
