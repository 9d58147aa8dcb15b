import { BadImplementation, type ModelObject, placed, type SetupArguments } from '@crunch-node/models';

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
 * The model of a module: its default export, else the first class it exports. A class is made with the arguments of
 * Setup; a function is called for an object; an object is the model itself.
 * @throws {BadImplementation} when it cannot be loaded, or holds none of these
 */
export async function modelOf(
  load: () => Promise<Exports>,
  file: string,
  { positional, keywords }: SetupArguments,
): Promise<ModelObject> {
  let module: Exports;
  try {
    module = exportsOf(await load());
  } catch (cause) {
    throw new BadImplementation(`${file} cannot be loaded: ${(cause as Error).message}`, { cause });
  }
  const found = module.default ?? Object.values(module).find(isClass);
  if (isClass(found)) return new found(...placed(found, positional, keywords));
  if (typeof found === 'function') return (await found(...placed(found, positional, keywords))) as ModelObject;
  if (typeof found === 'object' && found !== null) return found;
  throw new BadImplementation(
    `expected ${file} to export a class, as its default or by name, found ${Object.keys(module).join(', ') || 'no exports'}`,
  );
}
