import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { apiDocument } from '../../testing/api-document.ts';
import { type Contract, contracts } from '../../testing/contract.ts';
import type { Schema } from './schema-text.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const KINDS = { text: 'string', time: 'string', flag: 'boolean', list: 'array' } as const;
/** Numbers no client can send are not bounds. */
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

  const nameOf = ({ path, change }: Contract): string => `${(change?.method ?? 'get').toUpperCase()} ${path}`;

  for (const contract of contracts) {
    const { path, change, query = {}, rows, object } = contract;
    it(`exists: ${nameOf(contract)}`, () => {
      const operation = document.paths[path]?.[change?.method ?? 'get'];
      assert.ok(operation !== undefined, `there is no ${nameOf(contract)}`);
      const sent = resolved(operation.requestBody?.content['application/json']?.schema);
      assert.deepEqual([...(sent.required ?? [])].sort(), [...(change?.sends ?? [])].sort(), 'what has to be sent');
      const found = Object.fromEntries(
        parametersOf(operation, Object.keys(query)).map(({ name, schema }) => [
          name,
          schema.type === 'integer' ? [schema.default, bound(schema.minimum), bound(schema.maximum)] : schema.type,
        ]),
      );
      assert.deepEqual(found, expectedOf(query));
      const answer = resolved(operation.responses[change?.status ?? 200]?.content?.['application/json']?.schema);
      const shape = rows === undefined ? answer : resolved(answer.items);
      assert.equal(answer.type, rows === undefined ? 'object' : 'array');
      const missing = (rows ?? object ?? []).filter((field) => !(shape.required ?? []).includes(field));
      assert.deepEqual(missing, [], 'fields that are not always there');
    });
  }

  /** Ours alone: no existing client knows them. */
  const OWN = [
    ...['GET /openapi.json', 'GET /readyz', 'GET /live/leaderboard', 'GET /live/signals/{ensemble}'],
    ...['GET /reports/models/metrics/overview', 'GET /reports/models/metrics/differences'],
    ...['GET /reports/models/{model_id}/status', 'GET /reports/predictions/{id}/explain'],
    'GET /reports/failures',
    ...['GET /operations/status', 'GET /operations/dead-letters', 'GET /operations/dead-letters/{id}'],
    ...['POST /operations/dead-letters/{id}/redrive', 'POST /operations/dead-letters/{id}/discard'],
    ...['POST /reports/backfill/jobs/{job_id}/cancel', 'POST /reports/backfill/jobs/{job_id}/retry'],
  ];
  it('is everything the API has, besides its own additions and files', () => {
    const known = [...contracts.map(nameOf), ...OWN];
    const all = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const unknown = all.filter((name) => !known.includes(name) && !name.includes(' /data/backfill/{source}'));
    assert.deepEqual(
      unknown,
      [],
      'add it to OWN above, or to services/report/src/testing/contract.ts where an existing client asks for it',
    );
  });
});
