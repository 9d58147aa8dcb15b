import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { entryPoints, exportedSources, ours, placeOfSources, shared } from '../compile.mjs';
import type { Packed } from './packages.ts';

const entries = entryPoints();
const names = new Map(Object.entries(entries).map(([name, source]) => [source, name]));

/** What the module compiled of a source is called in `dist/`, without its ending. */
export function compiledName(source: string): string {
  const name = names.get(source);
  if (name === undefined) throw new Error(`expected ${source} to be an export of its workspace, it is none`);
  return name;
}

/** Compiles a package into `dist/` of its folder. The engine gets every module, since operators' files import them. */
export async function compilePackage(packed: Packed, folder: string): Promise<void> {
  const sources = packed.workspace === '*' ? Object.values(entries) : Object.values(packed.exports);
  const chosen = {
    ...Object.fromEntries(sources.map((source) => [compiledName(source), source])),
    ...packed.programs,
  };
  const outdir = join(folder, 'dist');
  await build({
    ...shared,
    entryPoints: chosen,
    outdir,
    ...(packed.programs && { banner: { js: '#!/usr/bin/env node' } }),
    plugins: [ours, placeOfSources(outdir, join(folder, 'parts'))],
  });
  if (packed.workspace !== '*') return;
  const modules = Object.fromEntries(Object.entries(chosen).map(([name, source]) => [source, `${name}.js`]));
  writeFileSync(join(outdir, 'modules.json'), JSON.stringify({ modules, names: namesOf(packed) }));
}

/** What operators' files import → compiled module: the names of workspaces, and the public ones of the engine. */
const namesOf = ({ name, exports }: Packed): Record<string, string> =>
  Object.fromEntries([
    ...[...exportedSources()].map(([own, source]) => [own, `${compiledName(source)}.js`]),
    ...Object.entries(exports).map(([path, source]) => [name + path.slice(1), `${compiledName(source)}.js`]),
  ]);
