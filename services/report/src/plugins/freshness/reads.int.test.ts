import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { allProjections } from '@crunch-node/projections';
import { sampleLog } from '@crunch-node/projections/testing';
import { type KyselyPlugin, PostgresQueryCompiler } from 'kysely';
import { apiDocument } from '../../testing/api-document.ts';
import { openScene, type Scene } from '../../testing/scene.ts';

const NOW = '2026-11-21T19:09:00.000000Z';
const projectionOf = new Map(
  allProjections({ configIdOf: () => '' }).flatMap(({ name, tables }) =>
    Object.keys(tables).map((table) => [table, name] as const),
  ),
);

/** Tables a statement names behind `from` or `join`, raw parts included. */
const tablesIn = (sql: string): string[] =>
  [...sql.matchAll(/\b(?:from|join)\s+(?:"?\w+"?\.)?"?(\w+)"?/gi)].map((match) => match[1] ?? '');

/** Parameters for every operation; a path they do not exist for is 404 and reads as much. */
const EXAMPLES: Readonly<Record<string, string>> = {
  model_id: '2',
  id: 'CKP_first',
  name: 'main',
  checkpoint_id: 'CKP_first',
  cycle_id: 'none',
  snapshot_id: 'none',
  prediction_id: 'none',
  round_id: 'none',
};

describe('what a report declares to read', () => {
  let scene: Scene;
  let paths: readonly string[];
  const touched = new Set<string>();
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      const { sql } = new PostgresQueryCompiler().compileQuery(node as never, queryId);
      for (const table of tablesIn(sql)) {
        const projection = projectionOf.get(table);
        if (projection !== undefined) touched.add(projection);
      }
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  before(async () => {
    scene = await openScene(sampleLog(10), { now: NOW, watched: (db) => db.withPlugin(plugin) });
    const { paths: described } = (await apiDocument()) as { paths: Record<string, { get?: unknown }> };
    paths = Object.keys(described).filter((path) => described[path]?.get !== undefined);
  });
  after(() => scene?.close());

  it('is all of what its statements touch, since 304 is decided by it', async () => {
    const undeclared: string[] = [];
    let asked = 0;
    let looked = 0;
    for (const path of paths) {
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? 'none');
      const query = `end=${NOW}&include_ensembles=true`;
      // Bounds of a span are looked up first; they are part of the validator, whatever they were read from.
      await scene.app.inject({ url: `${url}?${query}` });
      touched.clear();
      const { headers } = await scene.app.inject({ url: `${url}?${query}&again=1` });
      const header = headers['x-crunch-projection'];
      if (typeof header !== 'string') continue;
      if (touched.size > 0) looked++;
      asked++;
      const declared = new Set(header.split(', ').map((entry) => entry.split('@')[0]));
      for (const projection of touched) if (!declared.has(projection)) undeclared.push(`${path} reads ${projection}`);
    }
    assert.deepEqual(undeclared, []);
    assert.ok(looked >= 25, `${looked} of ${asked} were made for the second request`);
    assert.ok(asked >= 25, `${asked} of ${paths.length} paths declare what they read`);
  });
});
