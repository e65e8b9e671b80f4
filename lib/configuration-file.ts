/**
 * Reads the deployer's configuration at synth: a TypeScript or JavaScript module with a default export, or JSON.
 * `parseConfig` judges it, so that a mistake ends the synth, not the first customer's click.
 */
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GrantkeeperConfig, parseConfig } from '../functions/core/config.ts';
import { ConfigurationError } from '../functions/core/errors.ts';

export const defaultConfigurationFile = 'grantkeeper.config.ts';

const moduleExtensions: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];

/**
 * @param path relative to the working directory; also the name in errors
 * @throws ConfigurationError where the file is missing, of another kind, broken or not valid
 */
export async function readConfigurationFile(path: string): Promise<GrantkeeperConfig> {
  return parseConfig(await contentOf(path), path);
}

async function contentOf(path: string): Promise<unknown> {
  const extension = extname(path);
  if (extension !== '.json' && !moduleExtensions.includes(extension)) {
    throw unusable(path, `must end in .json, ${moduleExtensions.join(', ')}; got ${extension || 'no extension'}`);
  }
  try {
    return extension === '.json' ? JSON.parse(await readFile(path, 'utf8')) : await defaultExportOf(path);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw unusable(path, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function defaultExportOf(path: string): Promise<unknown> {
  const module: { default?: unknown } = await import(pathToFileURL(resolve(path)).href);
  if (module.default === undefined)
    throw unusable(path, 'has no default export; write `export default defineConfig({…})`');
  return module.default;
}

function unusable(path: string, message: string): ConfigurationError {
  return new ConfigurationError(path, [{ path: '(file)', message }]);
}
