import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CrunchError } from '@crunch-node/streams/errors';
import { createScreen } from '../screen.ts';
import { printableLines } from '../show/printable.ts';
import { type Entry, entryOf, isWanted, type Level, lineOf, type Wanted } from './entry.ts';

export interface LogsOptions {
  readonly service?: readonly string[];
  /** milliseconds back from now */
  readonly since?: number;
  readonly level?: Level;
  readonly event?: string;
  readonly model?: string;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** No log to read: nothing runs there, or what runs prints elsewhere. */
export class NoLogs extends CrunchError {
  override readonly name = 'NoLogs';
  override readonly code = 'no_logs';
}

/** Logs of all services in one place: files in order of time, or what comes on standard input as it comes. */
export async function runLogs(sources: readonly string[], options: LogsOptions): Promise<void> {
  const screen = createScreen();
  const { service = [], since, level, event, model, json } = options;
  const wanted: Wanted = {
    services: service.flatMap((names) => names.split(/[,\s]+/).filter(Boolean)),
    sinceMs: since === undefined ? null : Date.now() - since,
    level: level ?? null,
    event: event ?? null,
    model: model ?? null,
  };
  const show = (entry: Entry): void => screen.result(json ? JSON.stringify(entry) : printableLines(lineOf(entry)));
  if (sources.includes('-')) {
    await readLines(process.stdin, null, wanted, show);
    return;
  }
  const files = sources.length > 0 ? sources : filesIn(options.dataDir);
  if (files.length === 0) {
    throw new NoLogs(
      `expected logs in ${options.dataDir}, found none: up and cluster keep theirs there while they run (--data-dir, --demo has a temporary folder); name files, or pipe what serve prints into crunch-node logs -`,
    );
  }
  const entries: { readonly atMs: number; readonly entry: Entry }[] = [];
  // What `up` keeps may have been written to another file as well, by who started it.
  const seen = new Map<string, string>();
  for (const file of files) {
    let atMs = 0;
    await readLines(createReadStream(file), nameOf(file), wanted, (entry) => {
      if (entry.atMs !== null && entry.level !== null) {
        const line = lineOf(entry);
        const first = seen.get(line) ?? file;
        seen.set(line, first);
        if (first !== file) return;
      }
      // A line without a time keeps its place behind the one before it.
      atMs = entry.atMs ?? atMs;
      entries.push({ atMs, entry });
    });
  }
  for (const { entry } of entries.sort((a, b) => a.atMs - b.atMs)) show(entry);
}

async function readLines(
  input: Readable,
  file: string | null,
  wanted: Wanted,
  take: (entry: Entry) => void,
): Promise<void> {
  const isFiltered = Object.values(wanted).some(
    (value) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  let isTaken = !isFiltered;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue;
    const entry = entryOf(line, file);
    // A line without time and level, such as one of a stack, goes with the entry before it.
    if (entry.atMs !== null || entry.level !== null) isTaken = isWanted(entry, wanted);
    if (isTaken) take(entry);
  }
}

/** `logs/up.log` and the part before it, `logs/up.log.1`; `logs/score.log`, `models/ann/model.log` */
function filesIn(folder: string): string[] {
  const logsOf = (path: string): string[] =>
    existsSync(path)
      ? readdirSync(path)
          .filter((name) => /\.log(\.1)?$/.test(name))
          .map((name) => join(path, name))
      : [];
  const models = join(folder, 'models');
  const hosted = existsSync(models) ? readdirSync(models, { withFileTypes: true }) : [];
  return [
    ...logsOf(folder),
    ...logsOf(join(folder, 'logs')),
    ...hosted.filter((entry) => entry.isDirectory()).flatMap(({ name }) => logsOf(join(models, name))),
  ].sort();
}

/** The service a file is of, where its lines do not have one. */
const nameOf = (file: string): string =>
  basename(file) === 'model.log' ? basename(dirname(file)) : basename(file).replace(/(-\d+)?\.log(\.1)?$/, '');
