import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { apiDocument } from '../testing/api-document.ts';
import { type Contract, contracts } from '../testing/contract.ts';
import type { Schema } from './schema-text.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const KINDS = { text: 'string', time: 'string', flag: 'boolean', list: 'array' } as const;
/** Numbers no client can send are no bounds. */
const bound = (value: number | undefined): number | null =>
  value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value;

describe('what existing clients rely on', () => {
  let document: Document;
  before(async () => {
    document = (await apiDocument()) as Document;
  });
  const resolved = (schema: Schema | undefined): Schema =>
    schema?.$ref === undefined
      ? (schema ?? {})
      : resolved(document.components.schemas[schema.$ref.split('/').at(-1) ?? '']);

  const parametersOf = ({ parameters = [] }: Operation, names: readonly string[]) =>
    parameters.filter((parameter) => parameter.in === 'query' && names.includes(parameter.name));

  function expectedOf(query: NonNullable<Contract['query']>) {
    return Object.fromEntries(
      Object.entries(query).map(([name, kind]) => [name, typeof kind === 'string' ? KINDS[kind] : kind]),
    );
  }

  for (const { get, query = {}, rows, object } of contracts)
    it(`is there: GET ${get}`, () => {
      const operation = document.paths[get]?.get;
      assert.ok(operation !== undefined, `there is no GET ${get}`);
      const found = Object.fromEntries(
        parametersOf(operation, Object.keys(query)).map(({ name, schema }) => [
          name,
          schema.type === 'integer' ? [schema.default, bound(schema.minimum), bound(schema.maximum)] : schema.type,
        ]),
      );
      assert.deepEqual(found, expectedOf(query));
      const answer = resolved(operation.responses['200']?.content?.['application/json']?.schema);
      const shape = rows === undefined ? answer : resolved(answer.items);
      assert.equal(answer.type, rows === undefined ? 'object' : 'array');
      const missing = (rows ?? object ?? []).filter((field) => !(shape.required ?? []).includes(field));
      assert.deepEqual(missing, [], 'fields that are not always there');
    });
});
