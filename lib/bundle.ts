/**
 * How a Lambda's code is bundled: one ES module with everything in it, the AWS SDK too (so that what is tested is what
 * runs), and `config.json`, the validated configuration, beside it. The asset's hash covers both.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Construct } from 'constructs';
import type { GrantkeeperConfig } from '../functions/core/config.ts';

export interface BundleProps {
  /** The validated configuration. */
  readonly config: GrantkeeperConfig;
}

/** Where this package lies: its `functions/` and lockfile. */
export const packageRoot = join(import.meta.dirname, '..');

/** The file beside the bundle that holds the configuration. */
const configFileName = 'config.json';

export function bundlingOf(scope: Construct, { config }: BundleProps): BundlingOptions {
  const source = writeConfig(scope, config);
  return {
    format: OutputFormat.ESM,
    logLevel: LogLevel.WARNING,
    // Takes our AWS clients from 953 to 627 KB: their CommonJS builds cannot be shaken.
    mainFields: ['module', 'main'],
    minify: true,
    sourceMap: true,
    sourcesContent: false,
    bundleAwsSDK: true,
    externalModules: [],
    // What is still CommonJS inside the bundle asks for Node's own modules by `require`.
    banner: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);`,
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (_inputDir, outputDir) => [copyCommand(source, join(outputDir, configFileName))],
    },
  };
}

/** Into the cloud assembly, once for all functions of a configuration. */
function writeConfig(scope: Construct, config: GrantkeeperConfig): string {
  const text = `${JSON.stringify(config, null, 2)}\n`;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const directory = Stage.of(scope)?.assetOutdir ?? 'cdk.out';
  const path = join(directory, `grantkeeper-config-${hash}.json`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** By Node, for `cp` is not everywhere. Paths travel as base64url: no shell can misread one. */
function copyCommand(from: string, to: string): string {
  const paths = Buffer.from(JSON.stringify([from, to])).toString('base64url');
  return `node -e "require('node:fs').copyFileSync(...JSON.parse(Buffer.from('${paths}','base64url')))"`;
}
