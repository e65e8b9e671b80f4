/** The part of KMS that signing keys need, in memory, behind the real SDK client: its state is the test's to look at. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { TestContext } from 'node:test';
import { KMSClient } from '@aws-sdk/client-kms';
import { type PlayedAnswer, type PlayedCall, playedAws } from '../functions/adapters/played-aws.ts';

export interface PlayedKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly tags: Map<string, string>;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  spec: string;
  pendingDays?: number;
}

export interface PlayedKms {
  readonly client: KMSClient;
  readonly calls: PlayedCall[];
  readonly keys: Map<string, PlayedKey>;
  /** Alias to key id. */
  readonly aliases: Map<string, string>;
  /** By action, e.g. `Sign`: answered with this error, before or after it was done. */
  readonly failures: Map<string, { readonly type: string; readonly done?: boolean }>;
  /** Makes a key behind an alias, as another process would. */
  addKey(alias: string): PlayedKey;
}

class KmsError extends Error {}

export async function playedKms(context: TestContext): Promise<PlayedKms> {
  const keys: PlayedKms['keys'] = new Map();
  const aliases: PlayedKms['aliases'] = new Map();
  const failures: PlayedKms['failures'] = new Map();
  const { config, calls } = await playedAws(context, ({ action, body }) => {
    const name = action.replace('TrentService.', '');
    const failure = failures.get(name);
    try {
      if (failure !== undefined && failure.done !== true) throw new KmsError(failure.type);
      const answer = acts[name]?.(body) ?? { status: 400, body: { __type: 'UnknownOperationException' } };
      if (failure !== undefined) throw new KmsError(failure.type);
      return answer;
    } catch (error) {
      if (!(error instanceof KmsError)) throw error;
      return { status: 400, body: { __type: error.message, message: 'as the test says' } };
    }
  });

  const found = ({ KeyId }: Record<string, unknown>): PlayedKey => {
    const key = keys.get(aliases.get(String(KeyId)) ?? String(KeyId));
    if (key === undefined) throw new KmsError('NotFoundException');
    return key;
  };
  /** Of operations that take a key's own id only. */
  const byId = ({ KeyId }: Record<string, unknown>): PlayedKey => {
    if (String(KeyId).startsWith('alias/')) throw new KmsError('InvalidArnException');
    return found({ KeyId });
  };
  const metadata = ({ id, state, spec }: PlayedKey) => ({
    KeyMetadata: {
      KeyId: id,
      Arn: `arn:aws:kms:us-east-1:0:key/${id}`,
      KeyState: state,
      KeySpec: spec,
      KeyUsage: 'SIGN_VERIFY',
    },
  });
  const add = (): PlayedKey => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key: PlayedKey = { id: randomUUID(), ...pair, tags: new Map(), state: 'Enabled', spec: 'RSA_2048' };
    keys.set(key.id, key);
    return key;
  };
  const tag = (key: PlayedKey, tags: unknown) => {
    for (const { TagKey, TagValue } of tags as { TagKey: string; TagValue: string }[]) key.tags.set(TagKey, TagValue);
  };

  const acts: Record<string, (body: Record<string, unknown>) => PlayedAnswer> = {
    CreateKey: (body) => {
      const key = add();
      key.spec = String(body.KeySpec);
      tag(key, body.Tags);
      return { body: metadata(key) };
    },
    CreateAlias: ({ AliasName, TargetKeyId }) => {
      if (aliases.has(String(AliasName))) throw new KmsError('AlreadyExistsException');
      aliases.set(String(AliasName), String(TargetKeyId));
      return { body: {} };
    },
    DeleteAlias: ({ AliasName }) => {
      if (!aliases.delete(String(AliasName))) throw new KmsError('NotFoundException');
      return { body: {} };
    },
    DescribeKey: (body) => ({ body: metadata(found(body)) }),
    DisableKey: (body) => {
      byId(body).state = 'Disabled';
      return { body: {} };
    },
    ScheduleKeyDeletion: (body) => {
      const key = byId(body);
      if (key.state === 'PendingDeletion') throw new KmsError('KMSInvalidStateException');
      key.state = 'PendingDeletion';
      key.pendingDays = Number(body.PendingWindowInDays);
      return { body: {} };
    },
    GetPublicKey: (body) => ({
      body: { PublicKey: found(body).publicKey.export({ type: 'spki', format: 'der' }).toString('base64') },
    }),
    ListResourceTags: (body) => ({
      body: { Tags: [...byId(body).tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })), Truncated: false },
    }),
    TagResource: (body) => {
      tag(byId(body), body.Tags);
      return { body: {} };
    },
    Sign: (body) => {
      const key = found(body);
      if (key.state !== 'Enabled') throw new KmsError('DisabledException');
      const message = Buffer.from(String(body.Message), 'base64');
      const right = body.SigningAlgorithm === 'RSASSA_PKCS1_V1_5_SHA_256' && body.MessageType === 'RAW';
      if (!right || message.length > 4096) throw new KmsError('ValidationException');
      return { body: { Signature: sign('sha256', message, key.privateKey).toString('base64') } };
    },
  };

  return {
    client: new KMSClient({ ...config, maxAttempts: 1 }),
    calls,
    keys,
    aliases,
    failures,
    addKey(alias) {
      const key = add();
      aliases.set(alias, key.id);
      return key;
    },
  };
}
