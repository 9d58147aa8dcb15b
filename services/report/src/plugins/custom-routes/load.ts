import { readdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '@crunch-node/config';
import { byCodePoint } from '@crunch-node/streams';
import type { CustomRoutes } from './context.ts';
import { CustomRoutesFault } from './fault.ts';

export interface CustomRoutesOptions {
  /** `API_ROUTES_DIR`: every file of it whose name does not begin with `_`; `api` unless given, if there is one */
  readonly dir?: string;
  /** `API_ROUTES`: `module:attribute`, a path or a package; without an attribute, what a file would export */
  readonly modules?: readonly string[];
  /** what relative paths are relative to, default the working directory */
  readonly cwd?: string;
}

export interface LoadedRoutes {
  readonly source: string;
  readonly plugin: CustomRoutes;
}

const DEFAULT_DIR = 'api';
const IS_MODULE = /(?<!\.d|\.test)\.(ts|mts|js|mjs)$/;

/** Those of the folder in order of their names, then the named ones. @throws {CustomRoutesFault} */
export async function loadCustomRoutes(options: CustomRoutesOptions): Promise<readonly LoadedRoutes[]> {
  const { dir, modules = [], cwd = process.cwd() } = options;
  const loaded: LoadedRoutes[] = [];
  for (const file of await filesIn(resolve(cwd, dir ?? DEFAULT_DIR), dir !== undefined)) {
    loaded.push({ source: file, plugin: await pluginOf(file, pathToFileURL(file).href, undefined) });
  }
  for (const reference of modules) {
    const { specifier, attribute } = parse(reference, cwd);
    loaded.push({ source: reference, plugin: await pluginOf(reference, specifier, attribute) });
  }
  return loaded;
}

async function filesIn(folder: string, isNamed: boolean): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    return names
      .filter((name) => IS_MODULE.test(name) && !name.startsWith('_'))
      .sort(byCodePoint)
      .map((name) => join(folder, name));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' && !isNamed) return [];
    throw new CustomRoutesFault(folder, 'API_ROUTES_DIR to be a folder one can read', String(code), error);
  }
}

/** `./mine.ts:routes`; a colon in front of an attribute only, so that an address or a drive keeps its own. */
function parse(reference: string, cwd: string): { specifier: string; attribute: string | undefined } {
  const [, path = reference, attribute] = /^(.+?)(?::([A-Za-z_$][\w$]*))?$/.exec(reference.trim()) ?? [];
  const isPath = path.startsWith('.') || isAbsolute(path);
  return { specifier: isPath ? pathToFileURL(resolve(cwd, path)).href : path, attribute };
}

async function pluginOf(source: string, specifier: string, attribute: string | undefined): Promise<CustomRoutes> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importModule(specifier);
  } catch (error) {
    throw new CustomRoutesFault(source, 'a module that loads', String(error), error);
  }
  const value = attribute === undefined ? (exported.default ?? exported.router) : exported[attribute];
  if (typeof value === 'function') return value as CustomRoutes;
  const wanted = attribute === undefined ? 'default (or as router)' : attribute;
  const names = Object.keys(exported).join(', ') || 'nothing';
  const received =
    value === undefined ? `exports of ${names}` : `${value === null ? 'null' : `a ${typeof value}`} there`;
  throw new CustomRoutesFault(source, `a Fastify plugin exported as ${wanted}`, received);
}
