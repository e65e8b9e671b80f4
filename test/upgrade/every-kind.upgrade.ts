import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fixture, RawItem } from '../../dev/upgrade/fixture.ts';
import { currentRelease, releaseFiles } from '../../dev/upgrade/release.ts';
import type { Scene } from '../../dev/upgrade/scene.ts';
import { scenes } from '../../dev/upgrade/scenes.ts';
import { fixtureOf } from '../../dev/upgrade/write-fixtures.ts';
import * as itemSchemas from '../../functions/adapters/dynamodb/item-schemas.ts';
import * as keys from '../../functions/adapters/dynamodb/keys.ts';
import type { Duty } from '../../functions/core/duty.ts';
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';

/** Where each kind of item lies, by whatever makes its key: a new one must be told here, and left by a scene. */
const itemKinds: Readonly<Record<Exclude<KeyMaker, 'dutyHolderKey'>, keys.ItemKey>> = {
  connectionKey: keys.connectionKey('id'),
  sessionKey: keys.sessionKey('id'),
  integrationKey: keys.integrationKey({ tenant: 't', integration: 'i' }),
  useKey: keys.useKey('id', { tenant: 't', integration: 'i' }),
  ledgerKey: keys.ledgerKey('id'),
  usernameKey: keys.usernameKey('app', 'name'),
  dataKeyKey: keys.dataKeyKey('org', 'access'),
  retiredDataKeyKey: keys.retiredDataKeyKey('org', 'access', 'id'),
  appKey: keys.appKey('app'),
  introductionKey: keys.introductionKey('id'),
  incidentKey: keys.incidentKey('id'),
  watchKey: keys.watchKey('id'),
  readersKey: keys.readersKey('org', 1),
  // Of the engine's table itself, so in no fixture: test/flows/restore.test.ts.
  itemKeyOfTable: keys.itemKeyOfTable,
};

type KeyMaker = { [Name in keyof typeof keys]: Name extends `${string}Key${string}` ? Name : never }[keyof typeof keys];

const lifeboatKinds: Readonly<Record<LifeboatEntry['kind'], true>> = { refresh: true, code: true, duty: true };
const dutyKinds: Readonly<Record<Duty['kind'], true>> = {
  link: true,
  unlink: true,
  revoke: true,
  alert: true,
  count: true,
  watch: true,
};
const messages = ['refreshes', 'configurations'];
const invocations = ['refresh', 'refresh revoke_access_token', 'token read_token', 'maintain do_duties'];

interface Seen {
  readonly kind: string;
  readonly version: unknown;
}

function* seenIn({ table, lifeboat, refreshQueue, configurationQueue, invocations, alerts }: Fixture): Iterable<Seen> {
  for (const item of table) yield { kind: itemKindOf(item), version: Number(item.version?.N) };
  for (const { text } of lifeboat) yield ofText('lifeboat', text);
  for (const text of refreshQueue) yield { ...ofText('', text), kind: 'refreshes' };
  for (const text of configurationQueue) yield { ...ofText('', text), kind: 'configurations' };
  for (const { name, event } of invocations) yield ofText(name, JSON.stringify(event));
  for (const { version } of alerts as { version: unknown }[]) yield { kind: 'alert', version };
}

function ofText(of: string, text: string): Seen {
  const { kind, version } = JSON.parse(text);
  return { kind: kind === undefined ? of : `${of} ${kind}`, version };
}

const itemKindOf = ({ pk, sk }: RawItem) => kindOf(String(pk?.S), String(sk?.S));
const kindOf = (pk: string, sk: string) =>
  `${pk.split('#')[0]}/${sk.split('#')[0]}${/^(access|refresh)#/.test(sk) ? '#' : ''}`;

function dutiesIn({ table }: Fixture): string[] {
  const duties = table.flatMap(({ duties }) =>
    Object.values((duties?.M ?? {}) as Record<string, { M: RawItem[string] }>),
  );
  return duties.map(({ M }) => String((M as Record<string, { S?: string }>).kind?.S));
}

describe('the scenes of this release, of which the next one’s fixtures are made', async () => {
  const current = await currentRelease();
  const seen: Seen[] = [];
  const duties = new Set<string>();
  for (const [name, scene] of Object.entries<Scene>(scenes)) {
    const fixture = await fixtureOf(current, 'current', name, scene);
    seen.push(...seenIn(fixture));
    for (const kind of dutiesIn(fixture)) duties.add(kind);
  }
  const kinds = new Set(seen.map(({ kind }) => kind));

  it('leave every kind of item, message, invocation and lifeboat entry, and no other', () => {
    const items = Object.entries(itemKinds).filter(([maker]) => maker !== 'itemKeyOfTable');
    const expected = [
      ...items.map(([, { pk, sk }]) => kindOf(pk, sk)),
      ...(['K/refresh', 'K/refresh#'] as const),
      ...Object.keys(lifeboatKinds).map((kind) => `lifeboat ${kind}`),
      ...messages,
      ...invocations,
      'alert',
    ];
    assert.deepEqual([...kinds].toSorted(), expected.toSorted());
  });

  it('leave every kind of duty', () => {
    assert.deepEqual([...duties].toSorted(), Object.keys(dutyKinds).toSorted());
  });

  it('leave a version in all of them', () => {
    assert.deepEqual(
      seen.filter(({ version }) => version !== 1),
      [],
    );
  });

  it('know of every maker of keys', () => {
    const makers = Object.keys(keys).filter((name) => /Key/.test(name) && name !== 'dutyHolderKey');
    assert.deepEqual(makers.toSorted(), Object.keys(itemKinds).toSorted());
  });
});

describe('a frozen release', () => {
  it('brings the schema of every kind of item', () => {
    const frozen = Object.keys(releaseFiles);
    assert.deepEqual(
      Object.keys(itemSchemas).filter((name) => !frozen.includes(name)),
      [],
    );
  });
});
