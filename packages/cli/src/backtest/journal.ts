import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type AnswerJournal, openJournal } from '@crunch-node/backtest';
import type { LoadedConfig } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { version } from '../version.ts';
import { type BacktestCommand, pythonOf } from './options.ts';

/** Another form of the journal. */
const FORM = 1;
const CODE = /\.(?:[cm]?[jt]s|py|json)$/;

/**
 * The journal of a run, named by all that answers depend on: the configuration, the code of the models and what lies
 * beside it, the contents of the data, the time span. Undefined where the code is not in a file.
 */
export async function journalOf(
  models: readonly string[],
  { bridge, cache, resume, from, to, against, python }: BacktestCommand,
  { hash }: LoadedConfig,
  config: CrunchConfig,
): Promise<AnswerJournal | undefined> {
  if (bridge !== undefined) return undefined;
  const { data } = config.feed.options;
  const about = {
    form: FORM,
    engine: version(),
    hash,
    feed: config.feed,
    hook: String(config.pre_feed_update_hook),
    from,
    to,
    examples: against.includes('examples'),
    models: await Promise.all(models.map(codeOf)),
    python: pythonOf({ python }),
    data: typeof data === 'string' ? await Promise.all(data.split(',').map((path) => contentsOf(path.trim()))) : [],
  };
  const name = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32);
  const path = join(cache ?? join('.cache', 'backtest'), 'resume', `${name}.jsonl`);
  if (!resume) openJournal(path).remove();
  return openJournal(path);
}

/** Of a model's file, and of those beside it that it may import. */
async function codeOf(reference: string): Promise<readonly string[]> {
  const [path = ''] = reference.split('#');
  const folder = dirname(resolve(path));
  const names = (await readdir(folder)).filter((name) => CODE.test(name)).sort();
  const hashes = names.map(async (name) => {
    const file = join(folder, name);
    return (await stat(file)).isFile() ? `${name} ${sha256(await readFile(file))}` : name;
  });
  return [reference, ...(await Promise.all(hashes))];
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Of a file, or of all in a folder. What is not there is for the feed to refuse. */
async function contentsOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found === null) return path;
  if (found.isDirectory()) {
    const names = (await readdir(path)).sort();
    return `${path} ${(await Promise.all(names.map((name) => contentsOf(join(path, name))))).join(' ')}`;
  }
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return `${path} ${hash.digest('hex')}`;
}
