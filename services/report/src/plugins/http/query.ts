import type { Instant } from '@crunch-node/streams';
import { type TUnsafe, Type } from '@sinclair/typebox';
import { hintFor, INSTANT_FORMS, parseInstant } from './parse-instant.ts';

/** One fault of a request, in the shape existing clients know. */
export interface RequestFault {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

type Parsed<T> = { readonly value: T } | { readonly fault: Pick<RequestFault, 'type' | 'msg' | 'ctx'> };

/** A parameter of a query: how it is documented, and how its text becomes a value. */
export interface Parameter<T> {
  readonly schema: Readonly<Record<string, unknown>>;
  /** of a parameter that is not there */
  readonly absent: T;
  /** a request without it is refused */
  readonly required?: true;
  /** @param texts every time it was given, at least once */
  parse(texts: readonly string[]): Parsed<T>;
}

/** The last one counts. */
const last = (texts: readonly string[]): string => texts.at(-1) ?? '';

const text = (description: string): Parameter<string | undefined> => ({
  schema: { type: 'string', description },
  absent: undefined,
  parse: (texts) => ({ value: last(texts) }),
});

/** As {@link text}; it has to be there. */
export const requiredText = (description: string): Parameter<string> => ({
  schema: { type: 'string', description },
  absent: '',
  required: true,
  parse: (texts) => ({ value: last(texts) }),
});

/** As {@link text}; an empty one is no filter. */
export const filter = (description: string): Parameter<string | undefined> => ({
  ...text(description),
  parse: (texts) => ({ value: last(texts) || undefined }),
});

/** One of a few words in any case; an empty one is no filter. */
export const choice = <const W extends string>(words: readonly W[], description: string): Parameter<W | undefined> => ({
  schema: { type: 'string', enum: [...words], description: `${description}; any case` },
  absent: undefined,
  parse(texts) {
    if (last(texts).trim() === '') return { value: undefined };
    const found = wordIn(words, last(texts));
    return found === undefined ? unknownWords(words, [last(texts)]) : { value: found };
  },
});

/** Some of a few words in any case, repeated and/or separated by commas; null when there are none. */
export const choices = <const W extends string>(
  words: readonly W[],
  description: string,
): Parameter<readonly W[] | null> => ({
  schema: { type: 'array', items: { type: 'string', enum: [...words] }, description: `${description}; any case` },
  absent: null,
  parse(texts) {
    const given = parts(texts);
    const unknown = given.filter((one) => wordIn(words, one) === undefined);
    if (unknown.length > 0) return unknownWords(words, unknown);
    const found = new Set(given.flatMap((one) => wordIn(words, one) ?? []));
    return { value: found.size === 0 ? null : [...found] };
  },
});

const wordIn = <W extends string>(words: readonly W[], text: string): W | undefined =>
  words.find((word) => word.toLowerCase() === text.trim().toLowerCase());

function unknownWords(words: readonly string[], received: readonly string[]) {
  const expected = words.join(', ');
  const shown = received.map((text) => JSON.stringify(text.slice(0, 80))).join(', ');
  return { fault: { type: 'enum', msg: `Expected one of ${expected}, received ${shown}`, ctx: { expected } } };
}

/** What is separated by commas or given several times, without blanks. */
const parts = (texts: readonly string[]): string[] =>
  texts.flatMap((some) => some.split(',')).flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));

const TRUE = new Set(['true', '1', 'yes', 'on', 't', 'y']);
const FALSE = new Set(['false', '0', 'no', 'off', 'f', 'n']);

export const flag = (absent: boolean, description: string): Parameter<boolean> => ({
  schema: { type: 'boolean', default: absent, description },
  absent,
  parse(texts) {
    const word = last(texts).toLowerCase();
    if (TRUE.has(word)) return { value: true };
    if (FALSE.has(word)) return { value: false };
    return { fault: { type: 'bool_parsing', msg: 'Expected a boolean such as true, 1, yes, on or their opposites' } };
  },
});

export const integer = (range: {
  absent: number;
  minimum: number;
  maximum: number;
  description?: string;
}): Parameter<number> => ({
  schema: {
    type: 'integer',
    default: range.absent,
    minimum: range.minimum,
    maximum: range.maximum,
    ...(range.description !== undefined && { description: range.description }),
  },
  absent: range.absent,
  parse(texts) {
    const value = /^\s*[+-]?\d+\s*$/.test(last(texts)) ? Number(last(texts)) : Number.NaN;
    if (Number.isNaN(value)) return { fault: { type: 'int_parsing', msg: 'Expected an integer' } };
    const { minimum: ge, maximum: le } = range;
    if (value < ge) return { fault: { type: 'greater_than_equal', msg: `Expected at least ${ge}`, ctx: { ge } } };
    if (value > le) return { fault: { type: 'less_than_equal', msg: `Expected at most ${le}`, ctx: { le } } };
    return { value };
  },
});

/** As {@link integer}; undefined when it is absent, which differs from its default. */
export const givenInteger = (range: Parameters<typeof integer>[0]): Parameter<number | undefined> => ({
  ...integer(range),
  absent: undefined,
});

/** How many rows of each series a chart can show. */
export const points: Parameter<number | undefined> = {
  ...integer({ absent: 1, minimum: 1, maximum: 10_000 }),
  schema: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    description: 'rows of each series at most: the newest of each of so many fixed stretches of time',
  },
  absent: undefined,
};

export const instant = (description: string): Parameter<Instant | undefined> => ({
  schema: { type: 'string', description: `${description}. It is ${INSTANT_FORMS}; a + is sent as %2B` },
  absent: undefined,
  parse(texts) {
    const value = parseInstant(last(texts));
    if (value !== undefined) return { value };
    const hint = hintFor(last(texts));
    return { fault: { type: 'datetime_parsing', msg: `Expected ${INSTANT_FORMS}${hint && `; ${hint}`}` } };
  },
});

/** The state at a moment: later cycles do not count. */
export const asOf = instant('as it was known at that moment');

/** Ids, repeated and/or separated by commas, blanks dropped; null when the parameter is not there: all of them. */
export const idList = (description: string): Parameter<readonly string[] | null> => ({
  schema: { type: 'array', items: { type: 'string' }, description },
  absent: null,
  parse: (texts) => ({ value: parts(texts) }),
});

type NamedParameters = Readonly<Record<string, Parameter<unknown>>>;
type Values<P extends NamedParameters> = { [N in keyof P]: P[N] extends Parameter<infer T> ? T : never };

const PARAMETERS = Symbol('parameters');

/**
 * The schema of a query string. Parameters it does not name are ignored, since the UI sends some to every endpoint;
 * only what differs from a name by case or brackets is refused: ignoring it would return something else than requested.
 */
export const query = <const P extends NamedParameters>(parameters: P): TUnsafe<Values<P>> =>
  Type.Unsafe<Values<P>>({
    type: 'object',
    properties: Object.fromEntries(Object.entries(parameters).map(([name, { schema }]) => [name, schema])),
    required: Object.entries(parameters).flatMap(([name, { required }]) => (required ? [name] : [])),
    [PARAMETERS]: parameters,
  });

export const parametersOf = (schema: object): NamedParameters | undefined =>
  (schema as { [PARAMETERS]?: NamedParameters })[PARAMETERS];

/** The values of a query string, or everything that is wrong with it. */
export function parseQuery(
  parameters: NamedParameters,
  received: Readonly<Record<string, unknown>>,
): { readonly values: Record<string, unknown>; readonly faults: readonly RequestFault[] } {
  const faults: RequestFault[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { absent, required, parse }] of Object.entries(parameters)) {
    const input = received[name];
    if (input === undefined && required) {
      faults.push({ type: 'missing', loc: ['query', name], msg: 'Field required', input: null });
      continue;
    }
    if (input === undefined) {
      values[name] = absent;
      continue;
    }
    const parsed = parse((Array.isArray(input) ? input : [input]).map(String));
    if ('value' in parsed) values[name] = parsed.value;
    else faults.push({ ...parsed.fault, loc: ['query', name], input });
  }
  for (const [name, input] of Object.entries(received)) {
    if (Object.hasOwn(parameters, name)) continue;
    const meant = Object.keys(parameters).find((known) => known.toLowerCase() === bareName(name));
    if (meant !== undefined) faults.push(misspelt(name, meant, input));
  }
  return { values, faults };
}

/** `projectIds[]`, `projectIds[0]` and `ProjectIDs` are ways to write `projectIds` that other frameworks read. */
const bareName = (name: string): string => name.replace(/(\[[^\]]*\])+$/, '').toLowerCase();

function misspelt(name: string, meant: string, input: unknown): RequestFault {
  const given = JSON.stringify([input].flat().map(String).join(',').slice(0, 80));
  const msg = `Expected ${meant}, received ${name} with ${given}: write ${meant}=a&${meant}=b, or ${meant}=a,b where it is a list`;
  return { type: 'unknown_parameter', loc: ['query', name], msg, input };
}
