/** The stack as a template, without bundling: what the template tests look at. Synthesize once per file, it is slow. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { GrantkeeperConfigInput } from '../../functions/core/config.ts';
import { GrantkeeperStack, type GrantkeeperStackProps } from '../../lib/grantkeeper-stack.ts';

export const exampleConfig: GrantkeeperConfigInput = {
  apps: {
    crm: { clientId: 'crm-client', returnTo: ['https://app.example.com/back'] },
    'crm-eu': { clientId: 'crm-eu-client', returnTo: ['https://app.example.com/back'] },
    mobile: { clientId: 'mobile-client', clientAuthentication: 'none', claim: false },
    'crm-jwt': { clientId: 'crm-jwt-client', flow: 'jwt_bearer' },
    'crm-pem': { clientId: 'crm-pem-client', flow: 'jwt_bearer', signingKey: 'pem' },
    'crm-service': {
      clientId: 'crm-service-client',
      flow: 'client_credentials',
      loginUrl: 'https://acme.my.salesforce.com',
    },
  },
};

const flags = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')).context;

export interface SynthesizedProps extends Partial<GrantkeeperStackProps> {
  /** @default 'Grantkeeper' */
  readonly id?: string;
  /** The app that it belongs to, where other stacks do too. @default - one of its own */
  readonly app?: App;
}

export function stackWith({ id = 'Grantkeeper', app = emptyApp(), ...props }: SynthesizedProps = {}): GrantkeeperStack {
  return new GrantkeeperStack(app, id, { config: exampleConfig, allowExecuteApiUrl: true, ...props });
}

export function templateWith(props: SynthesizedProps = {}): Template {
  return Template.fromStack(stackWith(props));
}

const outdirs: string[] = [];
process.on('exit', () => {
  for (const outdir of outdirs) rmSync(outdir, { recursive: true, force: true });
});

export interface EmptyAppProps {
  /** Bundles for real, which takes seconds. @default false */
  readonly bundling?: boolean;
  /** CloudFormation's own rules. @default false */
  readonly validation?: boolean;
}

/** An app with the feature flags of cdk.json, its assembly in a directory that goes with the process. */
export function emptyApp({ bundling = false, validation = false }: EmptyAppProps = {}): App {
  const outdir = mkdtempSync(join(tmpdir(), 'grantkeeper-synth-'));
  outdirs.push(outdir);
  return new App({
    outdir,
    context: bundling ? flags : { ...flags, 'aws:cdk:bundling-stacks': [] },
    // The validator takes longer to start than all else; `acknowledgements.test.ts` has it judge the template once.
    builtinCloudFormationValidation: validation,
  });
}
