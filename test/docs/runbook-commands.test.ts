/** Each command on a page of docs/runbooks exists: of the AWS CLI by the SDK's operations, of the API by its routes, of ours. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseCommandLine } from '../../cli/command-line.ts';
import { routes } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from '../lib/synthesized.ts';
import { blocksOf, linesOf, readRunbook, root, runbookNames } from './runbook-page.ts';

const template = templateWith({ alerts: { https: ['https://hooks.example.com/'] } });
const require = createRequire(import.meta.url);
/** Of services whose client is no dependency: `aws SERVICE OPERATION` as the AWS CLI's reference has them. */
const otherOperations = new Set([
  ...['cloudformation describe-stacks', 'cloudformation describe-stack-events', 'cloudformation list-stack-resources'],
  ...[
    'cloudtrail lookup-events',
    'cloudwatch get-metric-statistics',
    'cloudwatch describe-alarms',
    'cloudwatch set-alarm-state',
  ],
  ...[
    'configure export-credentials',
    'configure get',
    'ec2 describe-nat-gateways',
    'health describe-events',
    'iam put-role-policy',
    'iam update-access-key',
    'logs filter-log-events',
  ],
  ...[
    'acm request-certificate',
    'acm describe-certificate',
    'apigatewayv2 get-domain-name',
    'route53 list-resource-record-sets',
    'route53 change-resource-record-sets',
  ],
  ...[
    'scheduler get-schedule',
    'scheduler update-schedule',
    'service-quotas list-service-quotas',
    'service-quotas request-service-quota-increase',
  ],
]);
/** Waits on what an operation tells, and what the CLI calls otherwise. */
const clients: Readonly<Record<string, string>> = {
  s3api: 's3',
  dynamodb: 'dynamodb',
  kms: 'kms',
  lambda: 'lambda',
  secretsmanager: 'secrets-manager',
  sns: 'sns',
  sqs: 'sqs',
};

const waiters = new Set(['dynamodb table-exists', 'acm certificate-validated']);

function isAwsOperation(service: string, operation: string, rest: string): boolean {
  if (operation === 'wait') return waiters.has(`${service} ${rest}`);
  if (otherOperations.has(`${service} ${operation}`)) return true;
  const client = clients[service];
  if (client === undefined) return false;
  const command = `${operation
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Command`;
  return Object.hasOwn(require(`@aws-sdk/client-${client}`), command);
}

const known = new Set(routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{[^}]*\}/g, '{}')}`));
const resources = Object.entries(template.toJSON().Resources as Record<string, { Type: string }>);

describe('the commands on the pages', () => {
  it('are bash, and so is the shell that they begin with', () => {
    for (const name of runbookNames) {
      for (const { script } of blocksOf(readRunbook(name))) {
        assert.equal(spawnSync('bash', ['-n'], { input: script }).status, 0, `${name}: ${script}`);
      }
    }
    assert.equal(spawnSync('bash', ['-n', join(root, 'docs/runbooks/shell.sh')]).status, 0);
    assert.notEqual(spawnSync('bash', ['-n'], { input: 'for a in b; do' }).status, 0, 'and can be none');
  });

  const texts = [
    ...runbookNames.flatMap((name) => blocksOf(readRunbook(name)).map(({ script }) => ({ name, script }))),
    { name: 'shell.sh', script: readFileSync(join(root, 'docs/runbooks/shell.sh'), 'utf8') },
  ];
  const all = (pattern: RegExp) =>
    texts.flatMap(({ name, script }) =>
      linesOf(script).flatMap((line) => [...line.matchAll(pattern)].map((match) => ({ name, line, match }))),
    );

  it('of aws are operations that there are', () => {
    const used = all(/(?:^|[ (])aws ([a-z0-9]+(?:-[a-z]+)*) ([a-z0-9-]+)(?: ([a-z-]+))?/g);
    assert.ok(used.length > 60, `${used.length}`);
    for (const { name, line, match } of used) {
      assert.ok(isAwsOperation(match[1] ?? '', match[2] ?? '', match[3] ?? ''), `${name}: ${line}`);
    }
    assert.equal(isAwsOperation('sqs', 'drain-queue', ''), false, 'and can tell one that there is not');
  });

  it('of the API are routes that there are', () => {
    const used = all(/(?:^|[ (])gk ([A-Z]+) "?(\/[^\s"?]*)/g);
    assert.ok(used.length > 25, `${used.length}`);
    for (const { name, line, match } of used) {
      const shape = String(match[2]).replaceAll(/\$\w+/g, '{}');
      assert.ok(known.has(`${match[1]} ${shape}`), `${name}: ${line}`);
    }
  });

  it('of the API name their query in order, for some releases of curl sign it as it stands', () => {
    const used = all(/(?:gk [A-Z]+ "[^"?]*\?|connections ")((?:\w+=[^"&]*&)+\w+=[^"]*)"/g);
    assert.ok(used.length >= 10, `${used.length}`);
    for (const { name, line, match } of used) {
      const names = String(match[1])
        .split('&')
        .map((part) => part.split('=')[0]);
      assert.deepEqual(names, names.toSorted(), `${name}: ${line}`);
    }
  });

  it('that act on every connection of a list go over all of its pages', () => {
    const used = all(/\bgk DELETE "\/connections\/\$id/g);
    assert.ok(used.length >= 2, `${used.length}`);
    for (const { name, script } of texts.filter(({ script }) => script.includes('gk DELETE "/connections/$id'))) {
      assert.match(script, /for id in \$\(connections "/, `${name}: ${script}`);
    }
    assert.deepEqual(
      all(/limit=100/g).map(({ name }) => name),
      ['shell.sh'],
    );
  });

  it('take no date that only one system knows', () => {
    assert.deepEqual(
      all(/date -u -d '/g).map(({ line }) => line),
      [],
    );
  });

  it('of npx cdk are ones that it takes', () => {
    const used = all(/npx cdk ([a-z]+)([^\n]*)/g);
    assert.ok(used.length > 10, `${used.length}`);
    for (const command of ['deploy', 'drift']) {
      const { stdout } = spawnSync(process.execPath, [require.resolve('aws-cdk/bin/cdk'), command, '--help'], {
        encoding: 'utf8',
      });
      for (const { name, line, match } of used.filter(({ match }) => match[1] === command)) {
        for (const [option] of String(match[2]).matchAll(/--[a-z-]+/g)) {
          assert.ok(stdout.includes(`${option} `), `${name}: ${line}`);
        }
      }
      assert.ok(!stdout.includes('--no-such-option '), 'and can tell one that there is not');
    }
    for (const { name, line, match } of used) {
      assert.ok(['bootstrap', 'deploy', 'drift'].includes(String(match[1])), `${name}: ${line}`);
    }
  });

  it('of npx grantkeeper are ones that it takes', () => {
    const used = all(/(?:^|[ (])npx grantkeeper ([^|&)]+)/g);
    assert.ok(used.length > 10);
    for (const { name, line, match } of used) {
      assert.notEqual(parseCommandLine(String(match[1]).trim().split(/\s+/)).kind, 'wrong', `${name}: ${line}`);
    }
  });

  it('name resources of the stack by type and the beginning of their logical id', () => {
    const used = all(/resource (AWS::\w+::\w+) (\w+)/g);
    assert.ok(used.length >= 8, `${used.length}`);
    for (const { name, line, match } of used) {
      const found = resources.filter(([id, { Type }]) => Type === match[1] && id.startsWith(`Grantkeeper${match[2]}`));
      const wanted = match[2] === 'RefreshQueue' ? 2 : 1;
      if (match[2] !== 'Functions') assert.equal(found.length, wanted, `${name}: ${line}`);
    }
  });

  it('name functions that there are, whose resources are found by that name', () => {
    for (const { name, line, match } of all(/(?:lambda_of|logs_of) ([a-z-]+)/g)) {
      assert.ok((functionNames as readonly string[]).includes(String(match[1])), `${name}: ${line}`);
    }
    for (const name of functionNames) {
      for (const [type, last] of [
        ['AWS::Lambda::Function', 'Function'],
        ['AWS::Logs::LogGroup', 'Logs'],
      ] as const) {
        const prefix = `GrantkeeperFunctions${name.replaceAll('-', '')}${last}`;
        assert.equal(resources.filter(([id, { Type }]) => Type === type && id.startsWith(prefix)).length, 1, prefix);
      }
    }
  });
});
