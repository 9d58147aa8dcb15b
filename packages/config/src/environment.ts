import { Kind, type Static, type TSchema } from '@sinclair/typebox';
import { ConfigError, shown } from './config-error.ts';
import { OPTION_PREFIX, readElsewhere, variables, withoutEffect } from './environment-variables.ts';
import { schemaFaults } from './schema-faults.ts';

type Variables = typeof variables;
type VariableName = keyof Variables;

/** The environment, read and checked once. */
export interface Environment {
  /** variables that are set, converted to their types */
  readonly values: { readonly [N in VariableName]?: Static<Variables[N]> };
  /** of `FEED_OPT_*`, names in lower case */
  readonly feed_options: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

const OURS = /^(FEED|API|CRUNCH)_/;

/**
 * Reads the engine's variables, honours old names, checks every value. Blank counts as not set.
 * @throws {ConfigError} with all faults at once
 */
export function readEnvironment(raw: RawEnvironment): Environment {
  const faults: string[] = conflicts(raw);
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(variables)) {
    const set = [name, ...fallbacksOf(schema)].find((candidate) => textOf(raw, candidate) !== undefined);
    if (set === undefined) continue;
    const converted = convert(schema, textOf(raw, set) ?? '');
    const found = schemaFaults(schema, converted).map((fault) => maskedFault(schema, set, fault));
    if (found.length > 0) faults.push(...found);
    else values[name] = converted;
  }
  if (faults.length > 0) throw new ConfigError('The environment', faults);
  return { values: values as Environment['values'], feed_options: optionsOf(raw), warnings: warningsOf(raw) };
}

/** The name and value of everything that is set, for people; secrets masked. */
export const describeEnvironment = ({ values }: Environment): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, variables[name as VariableName].secret ? '***' : value]),
  );

const fallbacksOf = (schema: TSchema): readonly string[] => (schema.fallbacks as readonly string[] | undefined) ?? [];

function textOf(raw: RawEnvironment, name: string): string | undefined {
  const text = raw[name]?.trim();
  return text === '' ? undefined : text;
}

/** A value that cannot be converted stays a text, for which the schema reports the expected type. */
function convert(schema: TSchema, text: string): unknown {
  switch (schema[Kind]) {
    case 'Integer':
    case 'Number':
      return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
    case 'Boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'Array':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    default:
      return schema.lowerCase === true ? text.toLowerCase() : text;
  }
}

const maskedFault = (schema: TSchema, name: string, fault: string): string =>
  `${name}${(schema.secret ? fault.replace(/, received .*/, '') : fault).replace(/^\(whole\)/, '')}`;

/** Two names of one variable with different values, where it is unknown which one was intended. */
const conflicts = (raw: RawEnvironment): string[] =>
  Object.entries(variables).flatMap(([name, schema]) =>
    fallbacksOf(schema).flatMap((old) => {
      const [current, former] = [textOf(raw, name), textOf(raw, old)];
      if (current === undefined || former === undefined) return [];
      if (JSON.stringify(convert(schema, current)) === JSON.stringify(convert(schema, former))) return [];
      return [
        `${name}: expected the same as its old name ${old}, received ${shown(current)} and ${shown(former)}; unset ${old}`,
      ];
    }),
  );

const optionsOf = (raw: RawEnvironment): Record<string, string> =>
  Object.fromEntries(
    Object.keys(raw)
      .filter((name) => name.startsWith(OPTION_PREFIX))
      .sort()
      .flatMap((name) => {
        const text = textOf(raw, name);
        return text === undefined ? [] : [[name.slice(OPTION_PREFIX.length).toLowerCase(), text]];
      }),
  );

function warningsOf(raw: RawEnvironment): string[] {
  const known = (name: string): boolean =>
    name in variables || name.startsWith(OPTION_PREFIX) || readElsewhere.has(name);
  return Object.keys(raw)
    .filter((name) => textOf(raw, name) !== undefined)
    .sort()
    .flatMap((name) => {
      if (name in withoutEffect) return [`${name} has no effect: ${withoutEffect[name]}`];
      return OURS.test(name) && !known(name) ? [`${name} is not known and has no effect; is it misspelt?`] : [];
    });
}
