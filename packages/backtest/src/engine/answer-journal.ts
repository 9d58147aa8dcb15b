import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ModelAnswer, parseTolerantJson, pythonJson } from '@crunch-node/models';
import type { Instant, Json } from '@crunch-node/streams';

/** Answers to predictions, in the order of the calls of each model. */
export type JournalAnswers = Readonly<Record<string, readonly ModelAnswer[]>>;

/** Answers of models to what has been worked off, so that a run that ended early need not ask for them again. */
export interface AnswerJournal {
  /** how many stretches of the history are in it */
  readonly known: number;
  /** the last record of them; null: there are none */
  readonly at: Instant | null;
  /** @param stretch less than `known` */
  answersOf(stretch: number): JournalAnswers;
  /** Adds the next stretch. */
  append(at: Instant, answers: JournalAnswers): void;
  /** The run is complete: nothing will be resumed. */
  remove(): void;
}

type Line = readonly [stretch: number, at: Instant, answers: Readonly<Record<string, readonly Stored[]>>];
type Stored = readonly [
  status: ModelAnswer['status'],
  error_code: string | null,
  message: string | null,
  result?: Json,
];

/**
 * A journal in a file with a line for each stretch. A line that was cut off, as by a kill, is removed with all that
 * follows it.
 * @param path named by everything that answers depend on
 */
export function openJournal(path: string): AnswerJournal {
  mkdirSync(dirname(path), { recursive: true });
  const lines = existsSync(path) ? soundLines(path) : [];
  return {
    known: lines.length,
    at: lines.at(-1)?.[1] ?? null,
    answersOf: (stretch) =>
      Object.fromEntries(Object.entries(lines[stretch]![2]).map(([id, stored]) => [id, stored.map(answerOf)])),
    append(at, answers) {
      const stored = Object.fromEntries(Object.entries(answers).map(([id, list]) => [id, list.map(storedOf)]));
      const stretch = lines.length;
      lines.push([stretch, at, {}]);
      appendFileSync(path, `${pythonJson([stretch, at, stored])}\n`);
    },
    remove: () => rmSync(path, { force: true }),
  };
}

function soundLines(path: string): Line[] {
  const bytes = readFileSync(path);
  const lines: Line[] = [];
  let end = 0;
  for (let next = bytes.indexOf(10); next >= 0; next = bytes.indexOf(10, end)) {
    const line = lineOf(bytes.toString('utf8', end, next));
    if (line?.[0] !== lines.length) break;
    lines.push(line);
    end = next + 1;
  }
  if (end < bytes.length) truncateSync(path, end);
  return lines;
}

function lineOf(text: string): Line | null {
  try {
    return parseTolerantJson(text) as unknown as Line;
  } catch {
    return null;
  }
}

const storedOf = ({ status, error_code, message, result }: ModelAnswer): Stored =>
  result === undefined ? [status, error_code, message] : [status, error_code, message, result];

const answerOf = ([status, error_code, message, result]: Stored): ModelAnswer => ({
  status,
  error_code,
  message,
  result,
  detail: null,
  exec_us: 0,
});
