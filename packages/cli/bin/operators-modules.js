/**
 * Resolves what an operator's TypeScript means, wherever the file lies: it is a module also where no `package.json`
 * says so, and what is the engine's comes from the engine unless the operator has installed it.
 */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !specifier.startsWith('@crunch-node/')) throw error;
    return next(specifier, { ...context, parentURL: import.meta.url });
  });
  const isOwn = /\.ts(\?|$)/.test(found.url) && !found.url.includes('/node_modules/');
  return isOwn && found.format === 'commonjs' ? { ...found, format: 'module' } : found;
}
