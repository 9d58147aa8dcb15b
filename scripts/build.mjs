#!/usr/bin/env node
// Compiles the engine and its command to `dist/`, so that a start costs no transpiling and one module instead of a
// thousand. The sources run without it as well, slower. Does nothing where `dist/` is as new as they are.
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledFolder, root } from '@crunch-node/launcher/compiled';
import { build } from 'esbuild';
import { entryPoints, ours, placeOfSources, shared } from './compile.mjs';

async function compile(target) {
  // Written to a neighbouring folder, then moved: concurrent builds and starts find all of it or nothing.
  const outdir = `${target}.${process.pid}`;
  try {
    const entries = entryPoints();
    await build({
      ...shared,
      entryPoints: entries,
      outdir,
      sourcemap: true,
      sourcesContent: false,
      plugins: [ours, placeOfSources(outdir)],
    });
    const modules = Object.fromEntries(Object.entries(entries).map(([name, file]) => [file, `${name}.js`]));
    writeFileSync(join(outdir, 'modules.json'), JSON.stringify(modules));
    renameSync(outdir, target);
  } catch (error) {
    rmSync(outdir, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

/** What was compiled of sources that are no more, but for the newest: processes may still run it. */
function removeOld(target) {
  const folder = join(root, 'dist');
  const old = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => path !== target)
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of old.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}

const KEPT = 3;
const target = compiledFolder();
if (!existsSync(join(target, 'modules.json'))) {
  await compile(target);
  removeOld(target);
}
