/** Looks for canaries in every file below a folder, whatever it holds: a database's files are searched as bytes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { canaryIn } from './canary.ts';

export interface Found {
  readonly file: string;
  /** What led to it. */
  readonly context: string;
}

const gzipMagic = Buffer.of(0x1f, 0x8b);
const zipMagic = Buffer.from('PK\x03\x04', 'latin1');

/** Throws where the folder is missing or empty: nothing searched is nothing shown. */
export function scanFolder(folder: string): { readonly files: number; readonly found: readonly Found[] } {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (entries.length === 0) throw new Error(`${folder} holds no file: there is nothing to search.`);
  const found = entries.flatMap((entry): Found[] => {
    const file = join(entry.parentPath, entry.name);
    const context = textsOf(readFileSync(file))
      .map(canaryIn)
      .find((one) => one !== undefined);
    return context === undefined ? [] : [{ file, context }];
  });
  return { files: entries.length, found };
}

/** As bytes, and unpacked where it is packed. */
function textsOf(bytes: Buffer): string[] {
  const texts = [bytes.toString('latin1')];
  if (bytes.subarray(0, 2).equals(gzipMagic)) texts.push(gunzipSync(bytes).toString('latin1'));
  for (let at = bytes.indexOf(zipMagic); at >= 0; at = bytes.indexOf(zipMagic, at + 4)) texts.push(zipped(bytes, at));
  return texts;
}

/** One file of a zip archive, as far as it can be unpacked: a magic number may stand in data by chance. */
function zipped(bytes: Buffer, at: number): string {
  if (at + 30 > bytes.length) return '';
  const begin = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  try {
    return inflateRawSync(bytes.subarray(begin)).toString('latin1');
  } catch {
    return '';
  }
}
