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
  const folder = pathToFileURL(`${compiled.folder}/`).href;
  const modules = Object.fromEntries(
    Object.entries(compiled.modules).map(([from, to]) => [
      new URL(from, pathToFileURL(root)).href,
      new URL(to, folder).href,
    ]),
  );
  let prepared;
  globalThis[FOR_OPERATORS] = () => {
    prepared ??= runTypeScript({ modules, names: compiled.names ?? {} });
    return prepared;
  };
  await import(modules[new URL(source, pathToFileURL(root)).href]);
}

async function runTypeScript(data) {
  const { register: registerTypeScript } = await import('tsx/esm/api');
  registerTypeScript();
  register('./operators-modules.js', import.meta.url, { data });
}
