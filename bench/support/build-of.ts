/** A commit of this repository, checked out and installed beside the working tree. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Build {
  /** for people: the abbreviated commit, or `here` */
  readonly name: string;
  /** root of its sources, with its packages installed */
  readonly folder: string;
}

/** The working tree, compiled. */
export function buildHere(): Build {
  compile(root);
  return { name: 'here', folder: root };
}

/**
 * Checks the commit out into `.cache/builds`, installs its packages and compiles it if it can be compiled; the next
 * time it is there.
 * @throws {Error} no such commit, or npm failed
 */
export function buildOf(commit: string): Build {
  const hash = run(root, 'git', ['rev-parse', '--verify', '--end-of-options', `${commit}^{commit}`]).trim();
  const name = hash.slice(0, 7);
  const folder = join(root, '.cache/builds', hash);
  const complete = join(folder, '.installed');
  if (!existsSync(complete)) {
    const making = `${folder}.${process.pid}`;
    process.stderr.write(`waiting for npm to install the packages of ${name} (about a minute, once)\n`);
    try {
      mkdirSync(making, { recursive: true });
      const archive = join(making, 'archive.tar');
      run(root, 'git', ['archive', '--format=tar', `--output=${archive}`, hash]);
      run(making, 'tar', ['-xf', archive]);
      rmSync(archive);
      run(making, 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
      writeFileSync(join(making, '.installed'), '');
      rmSync(folder, { recursive: true, force: true });
      renameSync(making, folder);
    } catch (error) {
      rmSync(making, { recursive: true, force: true });
      throw error;
    }
  }
  compile(folder);
  return { name, folder };
}

function compile(folder: string): void {
  const script = join(folder, 'scripts/build.mjs');
  if (existsSync(script)) run(folder, process.execPath, [script]);
}

const run = (cwd: string, command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
