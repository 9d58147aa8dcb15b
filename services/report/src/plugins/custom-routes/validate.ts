import { KindGuard, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { InvalidRequest } from '../http/errors.ts';
import { parametersOf, parseQuery } from '../http/query.ts';

const PLACES: Readonly<Record<string, string>> = { querystring: 'query', params: 'path', headers: 'header' };

/** The part of a route's schema that requests could not be checked by. */
export const foreignPart = (schema: FastifySchema): string | undefined =>
  (['querystring', 'params', 'headers', 'body'] as const).find((part) => {
    const found = schema[part] as object | undefined;
    return found !== undefined && !KindGuard.IsSchema(found) && parametersOf(found) === undefined;
  });

/**
 * Converts texts to the types of the schema where possible; faults are reported in the shape of the built-in routes.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  const parameters = parametersOf(schema);
  if (parameters !== undefined) {
    return (received: unknown) => {
      const { values, faults } = parseQuery(parameters, received as Readonly<Record<string, unknown>>);
      return faults.length === 0 ? { value: values } : { error: new InvalidRequest(faults) };
    };
  }
  return (received: unknown) => {
    const value: unknown = Value.Convert(schema, Value.Default(schema, Value.Clone(received)));
    if (Value.Check(schema, value)) return { value };
    const faults = [...Value.Errors(schema, value)].slice(0, 20).map(({ path, message, value: input }) => ({
      type: 'value_error',
      loc: [PLACES[httpPart] ?? httpPart, ...path.split('/').slice(1)],
      msg: message,
      input,
    }));
    return { error: new InvalidRequest(faults) };
  };
};
