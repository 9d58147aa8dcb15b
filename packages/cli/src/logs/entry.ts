/** One line of the log of any service, read from what `serve`, `up`, `cluster` or a container prints. */
export interface Entry {
  /** unix milliseconds; null: a line without a time, which belongs to the line before it */
  readonly atMs: number | null;
  readonly level: Level | null;
  readonly service: string | null;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof levels)[number];

/** `score-1  | …` of compose, `score-2: …` of a cluster; what follows is the line itself. */
const PREFIX = /^(?:([\w.-]+)\s+\| |([a-z]+(?:-\d+)?): )/;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)\s+/;
const KNOWN = new Set(['level', 'time', 'name', 'service', 'msg']);

/** Every line is an entry: what is no JSON is shown as it is. */
export function entryOf(line: string, file: string | null = null): Entry {
  const prefix = PREFIX.exec(line);
  const from = (prefix?.[1] ?? prefix?.[2])?.replace(/-\d+$/, '') ?? file;
  const rest = prefix === null ? line : line.slice(prefix[0].length);
  const stamped = TIMESTAMP.exec(rest);
  const text = stamped === null ? rest : rest.slice(stamped[0].length);
  const parsed = jsonIn(text);
  if (parsed === null) {
    const atMs = stamped?.[1] === undefined ? null : Date.parse(stamped[1]);
    return { atMs, level: null, service: from, message: prefix === null ? line : text, facts: {} };
  }
  const { level, time, service, msg } = parsed;
  const ms = typeof time === 'number' ? time : Date.parse(String(time ?? stamped?.[1] ?? ''));
  return {
    atMs: Number.isFinite(ms) ? ms : null,
    level: levels[Math.round(Number(level) / 10) - 1] ?? null,
    service: typeof service === 'string' ? service : from,
    message: String(msg ?? ''),
    facts: Object.fromEntries(Object.entries(parsed).filter(([key]) => !KNOWN.has(key))),
  };
}

function jsonIn(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{')) return null;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // a line that only looks like it
  }
}

export interface Wanted {
  /** empty: all */
  readonly services: readonly string[];
  readonly sinceMs: number | null;
  /** this and what is worse; null: everything */
  readonly level: Level | null;
  /** in the message, or in the name or message of an error; upper and lower case are the same */
  readonly event: string | null;
  readonly model: string | null;
}

/** A line without a time or level of its own goes with the entry before it, such as a stack. */
export function isWanted(entry: Entry, { services, sinceMs, level, event, model }: Wanted): boolean {
  const { atMs, facts } = entry;
  if (services.length > 0 && !services.includes(entry.service ?? '')) return false;
  if (sinceMs !== null && atMs !== null && atMs < sinceMs) return false;
  if (level !== null && (entry.level === null || levels.indexOf(entry.level) < levels.indexOf(level))) return false;
  if (event !== null) {
    const { err } = facts as { err?: { type?: string; message?: string } };
    const written = `${entry.message} ${err?.type ?? ''} ${err?.message ?? ''}`.toLowerCase();
    if (!written.includes(event.toLowerCase())) return false;
  }
  return model === null || modelsOf(facts).includes(model);
}

const modelsOf = (facts: Entry['facts']): string[] =>
  [facts.model, facts.model_id, facts.models].flat().flatMap((one) => (one === undefined ? [] : [String(one)]));

/** `12:00:01.250Z warn  score    message  key=value` */
export function lineOf({ atMs, level, service, message, facts }: Entry): string {
  const time = atMs === null ? ''.padEnd(24) : new Date(atMs).toISOString();
  const { err, ...others } = facts as { err?: { type?: string; message?: string } };
  const pairs = Object.entries(others).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const error = err === undefined ? [] : [`${err.type ?? 'Error'}: ${err.message ?? ''}`];
  return [time, (level ?? '').padEnd(5), (service ?? '').padEnd(10), [message, ...pairs, ...error].join('  ')].join(
    ' ',
  );
}
