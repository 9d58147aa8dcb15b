import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { apiDocument, isRecorded } from '../../testing/api-document.ts';
import { unconnectedApp } from '../../testing/unconnected-app.ts';
import { EXPOSED_HEADERS } from '../security/exposed-headers.ts';
import type { Description } from './describe.ts';
import { nameSchemas, SchemaNameTaken } from './name-schemas.ts';

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** `:id` and a wildcard as a description writes them. */
const documentedPath = (url: string): string => url.replaceAll(/:(\w+)/g, '{$1}').replaceAll('*', '{*}');

describe('the description of the API', () => {
  let app: FastifyInstance;
  let description: Description;
  before(async () => {
    app = await unconnectedApp();
    await app.ready();
    description = app.swagger() as Description;
  });
  after(() => app.close());

  const operations = () =>
    Object.entries(description.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
    );

  it('is the one in docs/openapi.json', async () =>
    assert.ok(isRecorded(await apiDocument()), 'docs/openapi.json does not match the routes: run scripts/openapi'));

  it('has every route, and no other', () => {
    const routes = app.knownRoutes
      .filter(({ method, isHidden }) => METHODS.has(method) && !isHidden)
      .map(({ method, url }) => `${method} ${documentedPath(url)}`);
    const documented = operations().map(({ name }) => name);
    assert.deepEqual(
      documented.filter((name) => METHODS.has(name.split(' ')[0] ?? '')).sort(),
      [...new Set(routes)].sort(),
    );
  });

  it('has for every operation its summary, its access and its responses', () => {
    const known = new Set((app.swagger().tags ?? []).map(({ name }) => name));
    const faults = operations().flatMap(({ name, operation: { summary, tags = [], responses = {}, ...rest } }) => {
      const success = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      return [
        ...(summary === undefined ? [`${name} has no summary`] : []),
        ...(tags.length === 1 && known.has(tags[0] ?? '')
          ? []
          : [`${name} has not one of the tags in openapi/index.ts`]),
        ...(success.length > 0 && success.every(([, answer]) => 'content' in answer) ? [] : [`${name} has no answer`]),
        ...(rest.operationId === undefined || rest.security === undefined ? [`${name} has no name or tier`] : []),
      ];
    });
    assert.equal(faults.join('\n'), '');
  });

  it('does not make clients send a key in a URL', () => {
    const { securitySchemes } = description.components as { securitySchemes: Record<string, { in?: string }> };
    assert.deepEqual(Object.keys(securitySchemes), ['header', 'bearer']);
    for (const { name, operation } of operations()) {
      const schemes = (operation.security ?? []).flatMap((one) => Object.keys(one));
      assert.ok(
        schemes.every((scheme) => scheme in securitySchemes),
        name,
      );
      assert.ok(!JSON.stringify(operation).includes('api_key'), name);
    }
  });

  it('lets pages of other origins read every header it documents', () => {
    const documented = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const { headers } = value as { headers?: object };
      for (const name of Object.keys(headers ?? {})) documented.add(name);
      for (const part of Object.values(value)) collect(part);
    };
    collect(description.paths);
    collect((description.components as { responses: unknown }).responses);
    assert.ok(documented.size > 8, [...documented].join());
    assert.deepEqual(
      [...documented].filter((name) => !EXPOSED_HEADERS.includes(name)),
      [],
    );
  });

  it('names every operation once', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    assert.deepEqual([...new Set(names)], names);
  });

  it('names every object of a response', () => {
    const unnamed = operations().flatMap(({ name, operation }) =>
      Object.entries(operation.responses ?? {}).flatMap(([status, answer]) => {
        const { content } = answer as { content?: Record<string, { schema?: Record<string, unknown> }> };
        const schema = content?.['application/json']?.schema;
        const item = (schema?.items ?? schema) as Record<string, unknown> | undefined;
        const isOpen = item?.properties === undefined;
        return item === undefined || '$ref' in item || isOpen ? [] : [`${name} ${status}: give its schema a title`];
      }),
    );
    assert.equal(unnamed.join('\n'), '');
  });

  it('refers only to existing schemas', () => {
    const text = JSON.stringify(description);
    for (const [, section = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)) {
      const parts = (description.components as Record<string, Record<string, unknown>>)[section];
      assert.ok(parts !== undefined && name in parts, `${section}/${name}`);
    }
  });
});

describe('schemas with a title', () => {
  const inside = (schema: object) => ({ paths: { a: schema, b: { items: schema } }, components: {} });

  it('are written once and referred to, also inside each other', () => {
    const inner = { title: 'Inner', type: 'object' };
    const described = nameSchemas(inside({ title: 'Outer', type: 'object', properties: { title: inner } }));
    assert.deepEqual(described.paths as unknown, {
      a: { $ref: '#/components/schemas/Outer' },
      b: { items: { $ref: '#/components/schemas/Outer' } },
    });
    assert.deepEqual((described.components as { schemas: unknown }).schemas, {
      Inner: inner,
      Outer: { title: 'Outer', type: 'object', properties: { title: { $ref: '#/components/schemas/Inner' } } },
    });
  });

  it('may not have two shapes', () =>
    assert.throws(
      () => nameSchemas({ a: { title: 'One', type: 'object' }, b: { title: 'One', type: 'array' }, components: {} }),
      SchemaNameTaken,
    ));
});
