import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { type Postgres, privatePostgres } from '@crunch-node/embedded/testing';
import { createReadModel, openReadModel } from '@crunch-node/projections';
import { fill, sampleLog } from '@crunch-node/projections/testing';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { type ReportService, startReport } from '../../start.ts';
import { reportConfig } from '../../testing/report-config.ts';
import { CustomRoutesFault } from './fault.ts';
import type { CustomRoutesOptions } from './load.ts';

const examples = join(import.meta.dirname, '..', '..', '..', '..', '..', 'examples', 'api');
const namespace = namespaceOf('custom');

describe('custom routes', () => {
  let postgres: Postgres;
  let folders: TempDir;
  const running: ReportService[] = [];
  before(async () => {
    postgres = await privatePostgres();
    folders = await tempDir('crunch-custom-');
    const readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
    await createReadModel(readModel.db, readModel.schema);
    await fill(readModel, sampleLog(10));
    await readModel.close();
  });
  after(async () => {
    for (const report of running) await report.stop();
    await postgres.stop();
    await folders.remove();
  });

  async function start(customRoutes: CustomRoutesOptions): Promise<ReportService> {
    const report = await startReport({
      databaseUrl: postgres.url,
      namespace,
      config: reportConfig,
      host: '127.0.0.1',
      port: 0,
      version: '1',
      logger: createLogger('silent'),
      customRoutes,
    });
    running.push(report);
    return report;
  }

  let count = 0;
  /** A folder with such files: those of plain JavaScript need no installed package. */
  async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
    const folder = join(folders.path, String(++count));
    await mkdir(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  }
  const startOf = async (files: Readonly<Record<string, string>>) => start({ dir: await folderOf(files) });
  const get = async (report: ReportService, path: string) => {
    const answer = await fetch(`${report.url}${path}`);
    const text = await answer.text();
    return { status: answer.status, text, json: () => JSON.parse(text) as Record<string, unknown> };
  };
  const plugin = (body: string) => `export default async (app, means) => { ${body} };`;

  it('mount the examples below /custom and describe them', async () => {
    const report = await start({ dir: examples });
    assert.deepEqual((await get(report, '/custom/hello')).json(), { message: `Hello from ${reportConfig.crunch_id}` });
    const summary = (await get(report, '/custom/models/summary')).json();
    assert.equal(summary.total_models, (summary.model_ids as string[]).length);
    assert.ok((summary.total_models as number) > 0);
    assert.deepEqual((await get(report, '/custom/metrics/available')).json(), { metrics: reportConfig.metrics });
    const { paths } = (await get(report, '/openapi.json')).json() as {
      paths: Record<string, { get: { tags: string[] } }>;
    };
    assert.deepEqual(
      Object.keys(paths).filter((path) => path.startsWith('/custom')),
      ['/custom/hello', '/custom/metrics/available', '/custom/models/summary'],
    );
    assert.deepEqual(paths['/custom/hello']?.get.tags, ['custom']);
  });

  it('come from named exports of modules, and `router` where there is no default', async () => {
    const folder = await folderOf({
      'mine.mjs': `export const routes = async (app) => { app.get('/mine', () => ({ from: 'mine' })); };`,
      'old.mjs': `export const router = async (app) => { app.get('/old', () => ({ from: 'old' })); };`,
    });
    const report = await start({
      dir: await folderOf({}),
      cwd: folder,
      modules: ['./mine.mjs:routes', join(folder, 'old.mjs')],
    });
    assert.deepEqual((await get(report, '/custom/mine')).json(), { from: 'mine' });
    assert.deepEqual((await get(report, '/custom/old')).json(), { from: 'old' });
  });

  it('need no folder unless one is named', async () => {
    await start({ cwd: await folderOf({}) });
    await assert.rejects(start({ dir: join(folders.path, 'nowhere') }), CustomRoutesFault);
  });

  it('answer a handler that throws like any other, without its message', async () => {
    for (const thrown of ["new Error('secret')", "'secret'", '{ secret: 1, statusCode: 200 }', 'null', 'undefined']) {
      const report = await startOf({ 'a.mjs': plugin(`app.get('/bad', async () => { throw ${thrown}; });`) });
      const { status, text } = await get(report, '/custom/bad');
      assert.deepEqual([status, text], [500, 'Internal Server Error'], thrown);
    }
  });

  it('check requests by the schema of the route', async () => {
    const folder = await folderOf({ 'package.json': '{ "type": "module" }' });
    const typebox = import.meta.resolve('@sinclair/typebox');
    await writeFile(
      join(folder, 'a.mjs'),
      `import { Type } from ${JSON.stringify(typebox)};
       const querystring = Type.Object({ n: Type.Integer({ maximum: 9 }), m: Type.Optional(Type.Boolean({ default: true })) });
       export default async (app) => { app.get('/n', { schema: { querystring } }, ({ query }) => query); };`,
    );
    const report = await start({ dir: folder });
    assert.deepEqual((await get(report, '/custom/n?n=5')).json(), { n: 5, m: true });
    const wrong = await get(report, '/custom/n?n=10');
    assert.equal(wrong.status, 422);
    assert.deepEqual((wrong.json().detail as { loc: string[] }[])[0]?.loc, ['query', 'n']);
  });

  it('cannot write', async () => {
    const report = await startOf({
      'a.mjs': plugin(`
        app.get('/delete', () => means.db.deleteFrom('models').execute());
        app.get('/create', () => means.db.schema.createTable('mine').addColumn('a', 'text').execute());
        app.get('/count', () => means.db.selectFrom('models').selectAll().execute());`),
    });
    const before = (await get(report, '/custom/count')).text;
    assert.equal((await get(report, '/custom/delete')).status, 500);
    assert.equal((await get(report, '/custom/create')).status, 500);
    assert.equal((await get(report, '/custom/count')).text, before);
  });

  it('keep the hooks of a file to itself', async () => {
    const report = await startOf({
      'a.mjs': `
        const plugin = async (app) => {
          app.addHook('onSend', async (request, reply) => { reply.header('x-mine', 'yes'); });
          app.get('/a', () => ({}));
        };
        plugin[Symbol.for('skip-override')] = true;
        export default plugin;`,
      'b.mjs': plugin(`app.get('/b', () => ({}));`),
    });
    const header = async (path: string) => (await fetch(`${report.url}${path}`)).headers.get('x-mine');
    assert.deepEqual(
      [await header('/custom/a'), await header('/custom/b'), await header('/info')],
      ['yes', null, null],
    );
  });

  describe('does not start with', () => {
    const refuses = (title: string, files: Readonly<Record<string, string>>, ...texts: readonly RegExp[]) =>
      it(title, () =>
        assert.rejects(startOf(files), (error: Error) => {
          assert.ok(error instanceof CustomRoutesFault, String(error));
          for (const text of texts) assert.match(error.message, text);
          return true;
        }),
      );
    refuses(
      'a file that does not load',
      { 'a.mjs': 'export default (' },
      /a\.mjs: expected a module that loads.*SyntaxError/,
    );
    refuses('a file that throws', { 'a.mjs': `throw new Error('no luck')` }, /a\.mjs.*no luck/);
    refuses('a file without a plugin', { 'a.mjs': 'export const x = 1;' }, /a Fastify plugin.*received exports of x/);
    refuses('a plugin that is none', { 'a.mjs': 'export default {};' }, /received a object there/);
    refuses(
      'a plugin that fails',
      { 'a.mjs': plugin(`throw new Error('not today');`) },
      /a plugin that registers.*not today/,
    );
    refuses(
      'a schema of another library',
      {
        'a.mjs': plugin(`app.get('/x', { schema: { querystring: { type: 'object' } } }, () => ({}));`),
      },
      /TypeBox/,
    );
    refuses(
      'a path another file has',
      { 'a.mjs': plugin(`app.get('/x', () => ({}));`), 'b.mjs': plugin(`app.get('/x', () => ({}));`) },
      /b\.mjs: expected paths no other has, received GET \/custom\/x, which .*a\.mjs has/,
    );
  });
});
