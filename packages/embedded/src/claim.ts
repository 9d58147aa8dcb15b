import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';
import { identityOf } from './process-identity.ts';
import { until } from './until.ts';

/** Two servers on one folder destroy it, so a folder has one owner, recorded in the folder itself. */
export class FolderInUse extends CrunchError {
  override readonly name = 'FolderInUse';
  override readonly code = 'folder_in_use';
  readonly folder: string;
  readonly pid: number;
  constructor(folder: string, pid: number) {
    super(`expected ${folder} to be free, but process ${pid} is using it: stop that process or choose another folder`);
    this.folder = folder;
    this.pid = pid;
  }
}

interface Party {
  readonly pid: number;
  readonly identity: string;
}

interface Claimed {
  readonly owner: Party;
  /** the server running for the owner, once there is one */
  readonly server: Party | null;
}

/** A folder that belongs to this process until released. */
export interface Claim {
  /** Records which server runs for it, so that a later start can stop one that was left behind. */
  record(serverPid: number): Promise<void>;
  release(): Promise<void>;
}

const isAlive = async ({ pid, identity }: Party): Promise<boolean> => (await identityOf(pid)) === identity;

const partyOf = async (pid: number): Promise<Party> => ({ pid, identity: (await identityOf(pid)) ?? '' });

/**
 * Claims a folder. A server left running in it by a dead owner is stopped first.
 * @throws {FolderInUse} while its owner is alive
 */
export async function claimFolder(folder: string): Promise<Claim> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'claim.json');
  const owner = await partyOf(process.pid);
  const text = (server: Party | null): string => `${JSON.stringify({ owner, server } satisfies Claimed)}\n`;
  for (;;) {
    try {
      await writeFile(file, text(null), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await evict(folder, file);
    }
  }
  return {
    async record(serverPid) {
      // Replaced atomically: a partly written claim would not identify the server.
      await writeFile(`${file}.new`, text(await partyOf(serverPid)));
      await rename(`${file}.new`, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** The process that owns a folder, if it is alive. */
export async function ownerOf(folder: string): Promise<number | null> {
  const claimed = await claimIn(join(folder, 'claim.json'));
  return claimed !== null && (await isAlive(claimed.owner)) ? claimed.owner.pid : null;
}

const claimIn = (file: string): Promise<Claimed | null> =>
  readFile(file, 'utf8').then(
    (json) => JSON.parse(json) as Claimed,
    () => null,
  );

async function evict(folder: string, file: string): Promise<void> {
  const claimed = await claimIn(file);
  if (claimed !== null) {
    if (await isAlive(claimed.owner)) throw new FolderInUse(folder, claimed.owner.pid);
    if (claimed.server !== null) await stopLeftover(claimed.server);
  }
  await rm(file, { force: true });
}

async function stopLeftover(server: Party): Promise<void> {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    if (!(await isAlive(server))) return;
    process.kill(server.pid, signal);
    await until('a left-over server to end', async () => !(await isAlive(server)), { deadlineMs: 10_000 }).catch(
      () => {},
    );
  }
}
