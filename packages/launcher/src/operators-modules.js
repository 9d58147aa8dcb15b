/** Compiled modules by the address of their source. */
let modules = {};
/** In the npm package: addresses of compiled modules by the name they are imported by. */
let names = {};
export function initialize(data) {
  modules = data?.modules ?? {};
  names = data?.names ?? {};
}

const ROOT = new URL('../../../package.json', import.meta.url).href;

/**
 * Resolves what an operator's TypeScript means, wherever the file lies: it is a module also where no `package.json`
 * makes it one, and what is the engine's comes from the engine unless the operator has installed it, as does the library
 * that types of answers are written with. Where the engine runs compiled, that is the module that runs, not a second one
 * from the same source; where it is installed, also for a package of the engine that is installed beside it.
 */
export async function resolve(specifier, context, next) {
  const own = names[specifier];
  if (own !== undefined) return { url: own, format: 'module', shortCircuit: true };
  const found = await next(specifier, context).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^(@?crunch-node|@sinclair\/typebox)(\/|$)/.test(specifier))
      throw error;
    return next(specifier, { ...context, parentURL: ROOT });
  });
  const compiled = modules[found.url.split('?')[0]];
  if (compiled !== undefined) return { url: compiled, format: 'module', shortCircuit: true };
  const isOwn = /\.ts(\?|$)/.test(found.url) && !found.url.includes('/node_modules/');
  // Node 20 calls the format commonjs, 22 and 24 commonjs-typescript, or leaves it open until the file has been read.
  return isOwn && found.format !== 'module' ? { ...found, format: 'module' } : found;
}
