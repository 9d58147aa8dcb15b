// Starts a program of the engine: compiled where `scripts/build.mjs` has been here, else from its sources.
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { compiledModules, root } from './compiled.js';

const FOR_OPERATORS = Symbol.for('crunch-node.prepare-for-operators-modules');

/** @param {string} source path of the program below the root of the repository */
export async function run(source) {
  const compiled = compiledModules();
  if (compiled === null) {
    await runTypeScript({ modules: {} });
    await import(new URL(source, pathToFileURL(root)).href);
    return;
  }
  const modules = addressesOf(compiled);
  prepareForOperators(modules, compiled.names);
  await import(modules[new URL(source, pathToFileURL(root)).href]);
}

/** Addresses of sources → those of the modules that are compiled of them. */
export function addressesOf({ folder, modules }) {
  const place = pathToFileURL(`${folder}/`).href;
  return Object.fromEntries(
    Object.entries(modules).map(([from, to]) => [new URL(from, pathToFileURL(root)).href, new URL(to, place).href]),
  );
}

/** What a process that runs compiled modules does before it imports the first module of an operator. */
export function prepareForOperators(modules, names = {}) {
  let prepared;
  globalThis[FOR_OPERATORS] = () => {
    prepared ??= runTypeScript({ modules, names });
    return prepared;
  };
}

async function runTypeScript(data) {
  const { register: registerTypeScript } = await import('tsx/esm/api');
  registerTypeScript();
  register('./operators-modules.js', import.meta.url, { data });
}
