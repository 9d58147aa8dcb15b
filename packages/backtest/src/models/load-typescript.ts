import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '@crunch-node/config';
import type { LocalModel } from '@crunch-node/models';

/** A file that is no model. */
export class NoModel extends Error {
  override readonly name = 'NoModel';
}

/**
 * A model of a module: the export named behind `#`, else the default one, else the first class with the method that is
 * called. A class gets a new instance for each run; a function is called again.
 * @param reference path, `#export`
 * @param method that predictions are made by
 * @throws {NoModel}
 */
export async function loadTypeScript(reference: string, method: string, cwd: string): Promise<LocalModel> {
  const [path = '', name] = reference.split('#');
  const file = resolve(cwd, path);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importModule(pathToFileURL(file).href);
  } catch (cause) {
    throw new NoModel(`expected ${path} to be a module with a model: ${(cause as Error).message}`, { cause });
  }
  const found = name === undefined ? (exported.default ?? firstWith(exported, method)) : exported[name];
  if (typeof found !== 'function' && (typeof found !== 'object' || found === null)) {
    const what = name === undefined ? `a default export, or a class with ${method}` : `an export named ${name}`;
    throw new NoModel(`expected ${path} to have ${what}, found ${Object.keys(exported).join(', ') || 'no exports'}`);
  }
  const model_id = nameOf(path);
  return { model_id, model_name: model_id, cruncher_id: 'local', cruncher_name: 'you', create: () => made(found) };
}

/** The file's name is the model's. */
export const nameOf = (path: string): string => basename(path, extname(path));

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const isClass = (value: unknown): value is new () => object =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

function firstWith(exported: Readonly<Record<string, unknown>>, method: string): unknown {
  return Object.values(exported).find(
    (value) => isClass(value) && [method, camelCase(method)].some((name) => name in value.prototype),
  );
}

async function made(found: object): Promise<object> {
  if (isClass(found)) return new found();
  if (typeof found !== 'function') return found;
  const model: unknown = await (found as () => unknown)();
  if (typeof model === 'object' && model !== null) return model;
  throw new NoModel(`expected a function that makes a model to return one, received ${typeof model}`);
}
