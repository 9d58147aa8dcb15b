import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CrunchConfig, FeedSettings, ScoringFunction } from '@crunch-node/domain';
import { applyEnvironment } from './apply-environment.ts';
import { ConfigError, shown } from './config-error.ts';
import { warningsOf } from './cross-checks.ts';
import { unscored } from './defaults.ts';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import { type Environment, type RawEnvironment, readEnvironment } from './environment.ts';
import { withEnvironmentOptions } from './feed-options.ts';
import { importModule } from './import-module.ts';
import { probeConfig } from './probe.ts';
import { isProviderFile, nameOfFile, ownFactory } from './provider-file.ts';
import { configHash } from './serialise.ts';

export interface LoadedConfig {
  readonly config: CrunchConfig;
  readonly hash: string;
  readonly environment: Environment;
  /** where it came from, for people */
  readonly origin: string;
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  readonly env: RawEnvironment;
  readonly cwd: string;
  /** overrides CRUNCH_CONFIG_MODULE */
  readonly module?: string;
  /** a configuration of the engine's own to use instead of looking for one; `module` still wins */
  readonly pack?: { readonly name: string; readonly definition: CrunchDefinition };
}

const WORKSPACE = ['ts', 'mts', 'js', 'mjs'].map((extension) => join('config', `crunch.config.${extension}`));

/**
 * The configuration in force: `CRUNCH_CONFIG_MODULE` (a path or a package, `#export`), else `config/crunch.config.*`
 * in the working directory, else the engine's default; the environment over it.
 * @throws {ConfigError} a module that was named or is there and does not work is fatal, with the cause
 */
export async function loadConfig({ env, cwd, module, pack }: LoadOptions): Promise<LoadedConfig> {
  const environment = readEnvironment(env);
  const found =
    module ?? (pack === undefined ? (environment.values.CRUNCH_CONFIG_MODULE ?? workspaceFile(cwd)) : undefined);
  const source = found === undefined ? null : await importExport(found, cwd, 'The configuration module');
  const base = source === null ? (pack?.definition ?? {}) : definitionIn(source);
  const scorer = await scorerOf(environment, cwd, base);
  const configured = defineCrunch(base);
  const scored = applyEnvironment(configured, environment, scorer?.value as ScoringFunction | undefined);
  const config = await withOwnProvider(scored, configured.feed, environment, {
    cwd,
    from: source === null ? cwd : dirname(source.path),
  });
  const probe = probeConfig(config);
  if (probe.faults.length > 0) throw new ConfigError('The configuration', probe.faults);
  return {
    config,
    hash: configHash(config, [source?.text, scorer?.text].filter((text) => text !== undefined).join('\n')),
    environment,
    origin: source?.path ?? (pack === undefined ? 'the default of the engine' : `the ${pack.name} pack`),
    warnings: [...environment.warnings, ...warningsOf(config), ...probe.warnings],
  };
}

const workspaceFile = (cwd: string): string | undefined => WORKSPACE.find((path) => existsSync(join(cwd, path)));

interface Imported {
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
}

/** @param names of exports, the first existing one is taken; default: the one named behind `#`, else `default` */
async function importExport(
  reference: string,
  cwd: string,
  what: string,
  names: readonly string[] = [reference.split('#')[1] ?? 'default'],
): Promise<Imported> {
  const [specifier = ''] = reference.split('#');
  try {
    const path = pathOf(specifier, cwd);
    const exported = await importModule(pathToFileURL(path).href);
    const name = names.find((one) => one in exported);
    if (name === undefined) {
      throw new ConfigError(`${what} ${path}`, [
        `expected an export named ${names.map(shown).join(' or ')}, received ${Object.keys(exported).join(', ') || 'no exports'}`,
      ]);
    }
    return { path, text: readFileSync(path, 'utf8'), value: exported[name] };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`${what} ${reference}`, [whyNotLoaded(cause as NodeJS.ErrnoException)], { cause });
  }
}

const whyNotLoaded = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ERR_REQUIRE_CYCLE_MODULE'
    ? 'expected an ES module: name it .ts or .mjs, or put a package.json with "type": "module" beside it'
    : message;

function pathOf(specifier: string, cwd: string): string {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier);
  const path = resolve(cwd, specifier);
  if (isAbsolute(specifier) || specifier.startsWith('.') || existsSync(path)) {
    if (!existsSync(path)) throw new Error(`expected a file at ${path}, received nothing there`);
    return path;
  }
  try {
    return createRequire(join(cwd, 'package.json')).resolve(specifier);
  } catch (cause) {
    throw new Error(`expected a file at ${path} or a package of that name, received neither`, { cause });
  }
}

function definitionIn({ path, value }: Imported): CrunchDefinition {
  if (typeof value === 'object' && value !== null) return value as CrunchDefinition;
  throw new ConfigError(`The configuration module ${path}`, [
    `expected the result of defineCrunch({ … }), received ${shown(value)}`,
  ]);
}

/** A configured scoring function wins over the environment's. */
async function scorerOf({ values }: Environment, cwd: string, base: CrunchDefinition): Promise<Imported | null> {
  const own = base.scoring_function !== undefined && base.scoring_function !== unscored;
  if (own || values.SCORING_FUNCTION === undefined) return null;
  const scorer = await importExport(values.SCORING_FUNCTION, cwd, 'SCORING_FUNCTION');
  if (typeof scorer.value === 'function') return scorer;
  throw new ConfigError(`SCORING_FUNCTION ${scorer.path}`, [`expected a function, received ${shown(scorer.value)}`]);
}

/**
 * Builds the feed's provider from the file of the operator: `FEED_PROVIDER_MODULE`, looked for from the working
 * directory, else the path in `feed.provider`, looked for from the configuration module. Its name is the file's, or
 * the one in `FEED_PROVIDER`.
 */
async function withOwnProvider(
  config: CrunchConfig,
  configured: FeedSettings,
  environment: Environment,
  { cwd, from }: { readonly cwd: string; readonly from: string },
): Promise<CrunchConfig> {
  const { FEED_PROVIDER_MODULE: module, FEED_PROVIDER: named } = environment.values;
  const written = isProviderFile(config.feed.provider) ? config.feed.provider : undefined;
  const reference = module ?? written;
  if (reference === undefined) return config;
  const [specifier = '', name] = reference.split('#');
  const what = 'The feed provider';
  const folder = module === undefined ? from : cwd;
  const found =
    name === undefined
      ? await importExport(specifier, folder, what, ['default', 'provider'])
      : await importExport(reference, folder, what);
  const feed: FeedSettings = {
    ...config.feed,
    provider: named === undefined || isProviderFile(named) ? nameOfFile(specifier) : named,
    factory: ownFactory(found.path, found.value),
  };
  // Only now it is known which options the provider has. A module of the environment replaces the configured provider.
  const options = withEnvironmentOptions(
    { ...feed, options: configured.options },
    environment,
    module === undefined ? feed : configured,
  );
  return defineCrunch({ ...config, feed: { ...feed, options } });
}
