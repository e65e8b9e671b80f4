import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from './synthesized.ts';
import { functionOf, resourcesOf } from './template-reading.ts';

const template = templateWith();

/** What would copy requests, answers or memory out of a function. */
function observersOf({
  TracingConfig,
  Layers,
  Environment,
}: Record<string, { Mode?: string; Variables?: object } | undefined>) {
  const wrapped = Object.keys(Environment?.Variables ?? {}).filter((name) =>
    /^(?:AWS_LAMBDA_EXEC_WRAPPER|OTEL_|AWS_XRAY_)/.test(name),
  );
  return [...(TracingConfig === undefined ? [] : ['tracing']), ...(Layers === undefined ? [] : ['layers']), ...wrapped];
}

const propertiesOf = (of: Template, name: (typeof functionNames)[number]) => functionOf(of, name)[1].Properties;

describe('tracing', () => {
  it('is switched on for no function and no stage, and no layer is added that could', () => {
    for (const name of functionNames) assert.deepEqual(observersOf(propertiesOf(template, name)), [], name);
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::ApiGatewayV2::Stage')) {
      assert.equal(Properties.DefaultRouteSettings?.DataTraceEnabled ?? false, false, id);
    }
  });

  it('would be seen, in each of its forms', () => {
    const traced = {
      TracingConfig: { Mode: 'Active' },
      Layers: {},
      Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/otel' } },
    };
    assert.deepEqual(observersOf(traced), ['tracing', 'layers', 'AWS_LAMBDA_EXEC_WRAPPER']);
  });
});
