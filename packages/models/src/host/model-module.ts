import { BadImplementation, type ModelObject } from './model-object.ts';
import type { SetupArguments } from './model-server.ts';
import { placed } from './parameters.ts';

type Constructor = new (...args: readonly unknown[]) => ModelObject;

const isClass = (value: unknown): value is Constructor =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

type Exports = Readonly<Record<string, unknown>>;

/** What a module exports, also where it was loaded as CommonJS: then all of it is under `default`. */
function exportsOf(module: Exports): Exports {
  const inner = module.default;
  const isWrapped = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, '__esModule');
  return isWrapped ? (inner as Exports) : module;
}

/**
 * Finds the model of a module: the export of a name, else its default export, else the first class it exports.
 * @param file for messages
 * @returns makes it: a class with the arguments of Setup, a function is called with them, an object is the model itself
 * @throws {BadImplementation} when the module cannot be loaded, or holds none of these
 */
export async function modelIn(
  load: () => Promise<Exports>,
  file: string,
  name?: string,
): Promise<(setup: SetupArguments) => Promise<ModelObject>> {
  let module: Exports;
  try {
    module = exportsOf(await load());
  } catch (cause) {
    throw new BadImplementation(`${file} cannot be loaded: ${(cause as Error).message}`, { cause });
  }
  const found = name === undefined ? (module.default ?? Object.values(module).find(isClass)) : module[name];
  if (typeof found !== 'function' && (typeof found !== 'object' || found === null)) {
    const what = name === undefined ? 'a class, as its default or by name' : `a model named ${name}`;
    throw new BadImplementation(
      `expected ${file} to export ${what}, found ${Object.keys(module).join(', ') || 'no exports'}`,
    );
  }
  return async ({ positional, keywords }) => {
    if (isClass(found)) return new found(...placed(found, positional, keywords));
    if (typeof found !== 'function') return found;
    const made: unknown = await found(...placed(found, positional, keywords));
    if (typeof made === 'object' && made !== null) return made;
    throw new BadImplementation(`expected the function of ${file} to return a model, received ${typeof made}`);
  };
}
