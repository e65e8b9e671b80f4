import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-bin-'));
after(() => rmSync(directory, { recursive: true }));

const outdir = join(directory, 'cdk.out');
const read = (name: string) => JSON.parse(readFileSync(join(outdir, name), 'utf8'));

/** As the CDK's command line runs it, with its context. */
function run(context: Record<string, unknown>, variables: Record<string, string> = {}) {
  return spawnSync(process.execPath, [join(root, 'bin/grantkeeper.ts')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context), ...variables },
    timeout: 30_000,
  });
}

const flags = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).context;

const configurationThatLooksUp = `
import { createRequire } from 'node:module';
const { Vpc } = createRequire(${JSON.stringify(join(root, 'package.json'))})('aws-cdk-lib/aws-ec2');
export default { apps: { crm: { clientId: 'c', claim: false } } };
export const deployment = (stack) => ({
  allowExecuteApiUrl: true,
  egress: { vpc: Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-0123' }), egressAddresses: ['203.0.113.7'] },
});
`;

const subnet = (subnetId: string, availabilityZone: string) => ({
  subnetId,
  availabilityZone,
  cidr: '10.0.0.0/24',
  routeTableId: `rtb-${availabilityZone}`,
});
const foundVpc = {
  vpcId: 'vpc-0123',
  vpcCidrBlock: '10.0.0.0/16',
  availabilityZones: [],
  subnetGroups: [
    {
      name: 'Private',
      type: 'Private',
      subnets: [subnet('subnet-0a1', 'eu-central-1a'), subnet('subnet-0b2', 'eu-central-1b')],
    },
  ],
};

describe('the CDK app', () => {
  it('fails on a configuration that is not valid, saying the path and nothing more', () => {
    const config = join(directory, 'bad.json');
    writeFileSync(config, '{"apps":{"crm":{"clientId":"two words"}},"treshold":{}}');
    const { status, stderr, stdout } = run({ config });
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      `${config} is not valid:\n` +
        '  apps.crm.clientId: must be a consumer key: 1 to 256 printable characters, no spaces\n' +
        '  (root): unknown key treshold\n',
    );
  });

  for (const flag of ['retain', 'allowExecuteApiUrl']) {
    it(`takes ${flag} as true or false, and no guess`, () => {
      const { status, stderr } = run({ [flag]: 'no' });
      assert.equal(status, 1);
      assert.equal(stderr, `-c ${flag} is not valid:\n  ${flag}: must be true or false; got no\n`);
    });
  }

  it('asks for a domain where nobody said that none is needed, and ends without a stack trace', () => {
    const config = join(directory, 'good.json');
    writeFileSync(config, '{"apps":{"crm":{"clientId":"c","claim":false}}}');
    const { status, stderr } = run({ config, allowExecuteApiUrl: 'false' });
    assert.equal(status, 1);
    assert.match(stderr, /^the deployment is not valid:\n {2}domainName: must be given.*allowExecuteApiUrl/);
    assert.equal(stderr.trimEnd().split('\n').length, 2);
  });

  describe('whose deployment looks its VPC up', () => {
    const config = join(directory, 'lookup.ts');
    writeFileSync(config, configurationThatLooksUp);
    const known = { CDK_DEFAULT_ACCOUNT: '111122223333', CDK_DEFAULT_REGION: 'eu-central-1' };
    // As the command line does: it judges placeholders only once what they stand for was found.
    const judgedLater = { '@aws-cdk/core:failSynthOnValidationErrors': false };
    const context = { ...flags, ...judgedLater, 'aws:cdk:bundling-stacks': [], config };

    it('asks the command line for it first, and has its subnets once it was found', () => {
      assert.equal(run(context, known).status, 0);
      const [missing, ...more] = read('manifest.json').missing;
      assert.deepEqual([missing.provider, missing.props.region, more], ['vpc-provider', 'eu-central-1', []]);
      const second = run({ ...context, [missing.key]: foundVpc }, known);
      assert.equal(second.status, 0, second.stderr);
      assert.equal(read('manifest.json').missing, undefined);
      const resources: { Properties: { VpcConfig?: { SubnetIds: string[] } } }[] = Object.values(
        read('Grantkeeper.template.json').Resources,
      );
      const subnets = resources.flatMap(({ Properties }) => Properties?.VpcConfig?.SubnetIds ?? []);
      assert.deepEqual([...new Set(subnets)], ['subnet-0a1', 'subnet-0b2']);
    });

    it('fails without an account and a region, saying that it needs them', () => {
      const { status, stderr } = run(context, { CDK_DEFAULT_ACCOUNT: '', CDK_DEFAULT_REGION: '' });
      assert.equal(status, 1);
      assert.match(stderr, /account\/region are not specified/);
    });
  });
});
