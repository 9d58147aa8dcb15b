/**
 * Every version of every event ever published: its schema and messages of that time, one file each. Logs live longer
 * than code, so what is recorded here must stay readable for ever.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allStreams, type EventDefinition, type StreamDefinition } from '@crunch-node/streams';

export const historyFolder = fileURLToPath(new URL('../../streams/history/', import.meta.url));

type JsonSchema = { readonly [key: string]: unknown };

export interface RecordedVersion {
  readonly schema: JsonSchema;
  /** real ones where a run publishes them */
  readonly messages: readonly { readonly nats_subject: string; readonly message: JsonSchema }[];
}

export interface VersionPlace {
  readonly stream: StreamDefinition;
  readonly definition: EventDefinition;
  readonly v: number;
}

/** Where each version has its file, the current ones and those before. */
export const allVersions = (): VersionPlace[] =>
  allStreams.flatMap((stream) =>
    stream.events.flatMap((definition) =>
      Array.from({ length: definition.v }, (_, i) => ({ stream, definition, v: i + 1 })),
    ),
  );

export const fileOf = ({ stream, definition, v }: VersionPlace): string =>
  join(historyFolder, stream.name.toLowerCase(), `${definition.type}.v${v}.json`);

export const recordedOf = (place: VersionPlace): RecordedVersion | null =>
  existsSync(fileOf(place)) ? (JSON.parse(readFileSync(fileOf(place), 'utf8')) as RecordedVersion) : null;

export const recordedFiles = (): string[] =>
  readdirSync(historyFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(historyFolder, name));

/** The schema as JSON, without what only our validator attaches. */
export const schemaOf = ({ data }: EventDefinition): JsonSchema => JSON.parse(JSON.stringify(data)) as JsonSchema;

/**
 * What of `next` breaks readers or writers of `previous`: anything but further optional members of objects. Empty when
 * nothing does.
 */
export function breakingChanges(previous: unknown, next: unknown, path = ''): string[] {
  const here = path || '/';
  if (!isObject(previous) || !isObject(next)) {
    if (Array.isArray(previous) && Array.isArray(next) && previous.length === next.length) {
      return previous.flatMap((item, i) => breakingChanges(item, next[i], `${path}/${i}`));
    }
    return JSON.stringify(previous) === JSON.stringify(next) ? [] : [`${here} was ${text(previous)}, is ${text(next)}`];
  }
  const required = new Set((next.required as readonly string[] | undefined) ?? []);
  return [...new Set([...Object.keys(previous), ...Object.keys(next)])].flatMap((key) => {
    if (key in previous && !(key in next)) return [`${here} lost ${key}`];
    if (!(key in previous)) return [`${here} gained ${key}`];
    if (key !== 'properties') return breakingChanges(previous[key], next[key], `${path}/${key}`);
    const [before, now] = [previous.properties as JsonSchema, next.properties as JsonSchema];
    return [
      ...Object.keys(before).flatMap((name) =>
        name in now ? breakingChanges(before[name], now[name], `${path}/${name}`) : [`${here} lost the member ${name}`],
      ),
      ...Object.keys(now)
        .filter((name) => !(name in before) && required.has(name))
        .map((name) => `${here} gained the required member ${name}`),
    ];
  });
}

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => JSON.stringify(value)?.slice(0, 120) ?? 'nothing';
