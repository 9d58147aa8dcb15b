import { didYouMean } from '@crunch-node/domain';
import { Kind, type TSchema, type TUnion } from '@sinclair/typebox';
import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value';
import { shown } from './config-error.ts';

/** Of one path; a key that is not known leaves the rest of its object usable. */
export interface SchemaFault {
  readonly path: string;
  readonly text: string;
  readonly isUnknownKey: boolean;
}

/** Faults of a value against a schema as `path: expected X, received Y`; each path once. */
export function schemaFaultsAt(schema: TSchema, value: unknown, prefix = ''): SchemaFault[] {
  const byPath = new Map<string, SchemaFault>();
  for (const error of Value.Errors(schema, value)) {
    const path = `${prefix}${pathText(error.path)}`;
    if (byPath.has(path)) continue;
    const isUnknownKey = error.type === ValueErrorType.ObjectAdditionalProperties;
    byPath.set(path, { path, text: `${path || '(whole)'}: ${text(error)}`, isUnknownKey });
  }
  return [...byPath.values()];
}

export const schemaFaults = (schema: TSchema, value: unknown, prefix = ''): string[] =>
  schemaFaultsAt(schema, value, prefix).map(({ text }) => text);

/** `/scheduled_predictions/0/scope_key` → `scheduled_predictions[0].scope_key` */
const pathText = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');

function text({ type, schema, value, message, path }: ValueError): string {
  if (type === ValueErrorType.ObjectAdditionalProperties) {
    const key = path.slice(path.lastIndexOf('/') + 1);
    return `unknown key, received ${shown(value)}${didYouMean(key, Object.keys(schema.properties ?? {}), 2)}`;
  }
  return `expected ${expectation(schema, message)}, received ${shown(value)}`;
}

function expectation(schema: TSchema, message: string): string {
  if (typeof schema.expected === 'string') return schema.expected;
  if (schema[Kind] === 'Union')
    return `one of ${(schema as TUnion).anyOf.map((one) => expectation(one, 'value')).join(', ')}`;
  if (schema[Kind] === 'Literal') return JSON.stringify(schema.const);
  if (schema[Kind] === 'Null') return 'null';
  if (message === 'value') return String(schema.type ?? schema[Kind]);
  return message.replace(/^Expected /, '').replace(/^Required property$/, 'a value');
}
