import { execFile } from 'node:child_process';
import { rm, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { tempDir } from '../temp-dir.ts';

const run = promisify(execFile);
const MEGABYTE = 2 ** 20;

export interface SmallDisk {
  readonly path: string;
  /** Creates a file there that leaves only this much space. */
  fill(leaveMegabytes: number): Promise<void>;
  /** Removes that file. */
  makeRoom(): Promise<void>;
  unmount(): Promise<void>;
}

/** A disk of a few megabytes, in memory; null where mounting one is not permitted. */
export async function smallDisk(megabytes: number): Promise<SmallDisk | null> {
  const folder = await tempDir('crunch-small-disk-');
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder.path]);
  } catch {
    await folder.remove();
    return null;
  }
  const other = `${folder.path}/other`;
  return {
    path: folder.path,
    async fill(leaveMegabytes) {
      const { bavail, bsize } = await statfs(folder.path);
      const count = Math.floor((bavail * bsize) / MEGABYTE) - leaveMegabytes;
      await run('dd', ['if=/dev/zero', `of=${other}`, 'bs=1M', `count=${count}`]);
    },
    makeRoom: () => rm(other),
    async unmount() {
      await run('umount', ['-l', folder.path]);
      await folder.remove();
    },
  };
}
