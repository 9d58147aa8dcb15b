import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isArchiveName } from '@crunch-node/domain';
import { isParquetName } from './places.ts';

/**
 * The file of the archive at these path segments; null when there is none. Segments that could lead outside are
 * rejected, and links, or files below one, are not part of the archive.
 */
export async function archiveFileAt(root: string, segments: readonly string[]): Promise<string | null> {
  const [name = ''] = segments.slice(-1);
  if (segments.length !== 5 || !segments.every(isArchiveName) || !isParquetName(name)) return null;
  try {
    const base = await realpath(root);
    const file = join(base, ...segments);
    if ((await realpath(file)) !== file) return null;
    return (await lstat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}
