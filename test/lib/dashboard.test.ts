import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emitted } from './emitted-metrics.ts';
import { templateWith } from './synthesized.ts';
import { onlyResource, resourcesOf } from './template-reading.ts';

const template = templateWith();

interface Widget {
  readonly type: string;
  readonly y: number;
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly markdown?: string;
    readonly title?: string;
    readonly metrics?: unknown[];
    readonly alarms?: string[];
  };
}

/** References become their logical ids. */
function bodyOf(from: typeof template): string {
  const [, { Properties }] = onlyResource(from, 'AWS::CloudWatch::Dashboard');
  const parts: unknown[] = Properties.DashboardBody['Fn::Join'][1];
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
      return Ref ?? attribute?.[0] ?? '';
    })
    .join('');
}

const body = bodyOf(template);
const widgets: Widget[] = JSON.parse(body).widgets;

/** Of our own: those found by search. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/MetricName=\\*"(\w+)\\*"/g)].map(([, name = '']) => name);
}

describe('the dashboard', () => {
  it('reads from top to bottom as an incident is worked', () => {
    const headings = widgets.flatMap(({ properties }) => properties.markdown?.match(/^# (.*)/)?.[1] ?? []);
    assert.deepEqual(headings, [
      '1 Is anything on fire?',
      '2 Who dies, and why?',
      '3 Do refreshes run?',
      '4 Do readers get tokens?',
      '5 Do the stores hold?',
      '6 Who is near a limit?',
      '7 Lambdas',
    ]);
  });

  it('has no two widgets in one place, and none beyond the edge', () => {
    const taken = new Set<string>();
    for (const { x, y, width, height, properties } of widgets) {
      assert.ok(x + width <= 24, properties.title);
      for (let row = y; row < y + height; row += 1) {
        for (let column = x; column < x + width; column += 1) {
          assert.equal(taken.has(`${row},${column}`), false, `${properties.title} at ${row},${column}`);
          taken.add(`${row},${column}`);
        }
      }
    }
  });

  it('begins with the state of every alarm', () => {
    const [alarms] = widgets.filter(({ type }) => type === 'alarm');
    const ids = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id]) => id);
    assert.deepEqual(alarms?.properties.alarms?.toSorted(), ids.toSorted());
    assert.ok(widgets.indexOf(alarms!) === 1);
  });

  it('shows nothing that no function writes', () => {
    const names = namesIn(body);
    assert.ok(names.length > 25, `found only ${names}`);
    assert.deepEqual(
      names.filter((name) => !emitted.has(name)),
      [],
    );
  });

  it('searches by the namespace of its stack and the dimensions under which metrics are written', () => {
    const schemas = new Set(
      [...body.matchAll(/SEARCH\('(\{[^}]*\})/g)].map(([, schema = '']) => schema.replaceAll('\\', '')),
    );
    assert.deepEqual(schemas, new Set(['{"Grantkeeper","service"}', '{"Grantkeeper","route","service"}']));
    assert.match(bodyOf(templateWith({ id: 'Staging' })), /SEARCH\('\{\\*"Staging\\*",/);
  });

  it('shows deaths by cause and refusals by class, whatever they are called', () => {
    const terms = { Dead: 'Dead NOT Refused', Refused: 'Refused' };
    for (const [family, term] of Object.entries(terms)) {
      assert.match(body, new RegExp(`service\\\\*"\\} ${term}', 'Sum'`));
      assert.ok(emitted.has(`${family}_`), `nothing writes ${family}_…`);
    }
  });

  it('shows what an incident is worked by', () => {
    const shown = new Set(namesIn(body));
    const wanted = [
      ...['SpikesOpened', 'FleetIncidentsOpened', 'AlertsPublished', 'AlertsAbsorbed', 'AlertsNotPublished'],
      ...['Refreshed', 'RefreshesQueued', 'OldestOverdueMs', 'RefreshesOverdue', 'NoAnswer', 'CircuitsOpened'],
      ...['SingleFlightWaits', 'TokensServed', 'StaleTokensServed', 'Errors5xx'],
      ...['InLifeboat', 'SavedInLifeboat', 'GrantsNearLimit', 'ExpiryWarnings'],
    ];
    assert.deepEqual(
      wanted.filter((name) => !shown.has(name)),
      [],
    );
  });

  it('knows every metric that is written, but for those listed here as of no use in an incident', () => {
    const unshown = ['Invocations', 'InvocationFailures', 'Requests', 'ConnectLinksOpened', 'Unclaimed', 'SignedIn'];
    const others = ['Abandoned', 'Configured', 'ConfigurationFailed', 'ConfigurationsQueued', 'Dead_', 'Refused_'];
    const shown = new Set([...namesIn(body), ...unshown, ...others]);
    assert.deepEqual(
      [...emitted].filter((name) => !shown.has(name)),
      [],
    );
  });

  it('stays far below the size that CloudWatch takes', () => {
    assert.ok(body.length < 50_000, `${body.length} characters`);
    assert.ok(widgets.length < 100);
  });

  it('is left out on request, and nothing else with it', () => {
    const without = templateWith({ dashboard: false });
    without.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    const count = (from: typeof template) => Object.keys(from.toJSON().Resources).length;
    assert.equal(count(template) - count(without), 1);
  });
});
