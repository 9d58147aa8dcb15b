// Takes the place of `compiled.js` in the npm package, which has no sources: what runs lies in its `dist/`.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Holds what the code finds beside its own files, at the paths of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

export function compiledModules() {
  const folder = fileURLToPath(new URL('../../../../dist', import.meta.url));
  const { modules, names } = JSON.parse(readFileSync(`${folder}/modules.json`, 'utf8'));
  const address = (file) => pathToFileURL(`${folder}/${file}`).href;
  return {
    folder,
    modules,
    names: Object.fromEntries(Object.entries(names).map(([name, file]) => [name, address(file)])),
  };
}
