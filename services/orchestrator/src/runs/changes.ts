import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Submission } from './submission.ts';

/** Files that come and go while code runs, and temporary files of editors. */
const IGNORED = /^(\.|__pycache__$|node_modules$|venv$)|\.(pyc|pyo|swp|tmp|log)$|~$/;

/**
 * Calls back when the code of a model has changed in content or time. A file system may report nothing or too much, so
 * its reports only trigger a check, which is also made from time to time.
 * @returns stops watching
 */
export function watchCode(submission: Submission, changed: () => void, everyMs = 2_000): () => void {
  const { folder, mainFile } = submission;
  const single = !/^main\./.test(mainFile);
  let last: string | null = null;
  let isLooking = false;
  let closed = false;

  const look = async (): Promise<void> => {
    const now = single ? await stampOf(join(folder, mainFile)) : await stampsUnder(folder);
    if (closed || now === '') return; // an editor may remove the file for a moment
    const before = last;
    last = now;
    if (before !== null && before !== now) changed();
  };
  const lookSoon = (): void => {
    if (isLooking) return;
    isLooking = true;
    void look()
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  };
  lookSoon();
  const timer = setInterval(lookSoon, everyMs);
  let debounce: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(folder, (_, name) => {
      if (name !== null && IGNORED.test(basename(name))) return;
      clearTimeout(debounce);
      debounce = setTimeout(lookSoon, 100);
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // the periodic check is enough
  }
  return () => {
    closed = true;
    clearInterval(timer);
    clearTimeout(debounce);
    watcher?.close();
  };
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found === null ? '' : `${path} ${found.mtimeMs} ${found.size}`;
}

async function stampsUnder(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const stamps = await Promise.all(
    entries
      .filter(({ name }) => !IGNORED.test(name))
      .map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? stampsUnder(path) : stampOf(path);
      }),
  );
  return stamps.filter(Boolean).sort().join('\n');
}
