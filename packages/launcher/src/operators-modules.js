/** Compiled modules by the address of their source. */
let modules = {};
export function initialize(data) {
  modules = data?.modules ?? {};
}

/**
 * Resolves what an operator's TypeScript means, wherever the file lies: it is a module also where no `package.json`
 * makes it one, and what is the engine's comes from the engine unless the operator has installed it. Where the engine runs
 * compiled, that is the module that runs, not a second one from the same source.
 */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !specifier.startsWith('@crunch-node/')) throw error;
    return next(specifier, { ...context, parentURL: import.meta.url });
  });
  const compiled = modules[found.url.split('?')[0]];
  if (compiled !== undefined) return { url: compiled, format: 'module', shortCircuit: true };
  const isOwn = /\.ts(\?|$)/.test(found.url) && !found.url.includes('/node_modules/');
  return isOwn && found.format === 'commonjs' ? { ...found, format: 'module' } : found;
}
