import type { Instant } from '@crunch-node/streams';
import { type TUnsafe, Type } from '@sinclair/typebox';
import { parseInstant } from './parse-instant.ts';

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

/** As {@link text}; an empty one means no filter. */
export const filter = (description: string): Parameter<string | undefined> => ({
  ...text(description),
  parse: (texts) => ({ value: last(texts) || undefined }),
});

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

export const integer = (range: { absent: number; minimum: number; maximum: number }): Parameter<number> => ({
  schema: { type: 'integer', default: range.absent, minimum: range.minimum, maximum: range.maximum },
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

export const instant = (description: string): Parameter<Instant | undefined> => ({
  schema: {
    type: 'string',
    description: `${description}. ISO date or date-time (UTC unless it says otherwise), or a Unix number`,
  },
  absent: undefined,
  parse(texts) {
    const value = parseInstant(last(texts));
    if (value !== undefined) return { value };
    return { fault: { type: 'datetime_parsing', msg: 'Expected an ISO date or date-time, or a Unix number' } };
  },
});

/** The state as it was at a moment: what later cycles said does not count. */
export const asOf = instant('as it was known at that moment');

/** Ids, repeated and/or separated by commas, blanks dropped; null when the parameter is not there: all of them. */
export const idList = (description: string): Parameter<readonly string[] | null> => ({
  schema: { type: 'array', items: { type: 'string' }, description },
  absent: null,
  parse: (texts) => ({
    value: texts.flatMap((some) => some.split(',')).flatMap((id) => (id.trim() === '' ? [] : [id.trim()])),
  }),
});

type Parameters = Readonly<Record<string, Parameter<unknown>>>;
type Values<P extends Parameters> = { [N in keyof P]: P[N] extends Parameter<infer T> ? T : never };

const PARAMETERS = Symbol('parameters');

/** The schema of a query string. Parameters it does not name are ignored: the UI sends some to every endpoint. */
export const query = <const P extends Parameters>(parameters: P): TUnsafe<Values<P>> =>
  Type.Unsafe<Values<P>>({
    type: 'object',
    properties: Object.fromEntries(Object.entries(parameters).map(([name, { schema }]) => [name, schema])),
    required: Object.entries(parameters).flatMap(([name, { required }]) => (required ? [name] : [])),
    [PARAMETERS]: parameters,
  });

export const parametersOf = (schema: object): Parameters | undefined =>
  (schema as { [PARAMETERS]?: Parameters })[PARAMETERS];

/** What a query string says, or everything that is wrong with it. */
export function parseQuery(
  parameters: Parameters,
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
  return { values, faults };
}
