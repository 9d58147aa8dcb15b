const PREPARE = Symbol.for('crunch-node.prepare-for-operators-modules');

/**
 * Imports a module of an operator, in TypeScript too. A compiled engine loads its support of TypeScript with the first
 * such module only: that takes longer than the rest of its start.
 */
export async function importModule(specifier: string): Promise<Readonly<Record<string, unknown>>> {
  const prepare = (globalThis as Record<symbol, unknown>)[PREPARE];
  if (typeof prepare === 'function') await prepare();
  return (await import(specifier)) as Record<string, unknown>;
}
