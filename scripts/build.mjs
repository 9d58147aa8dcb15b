#!/usr/bin/env node
// Compiles the engine and its command to `dist/`, so that a start costs no transpiling and one module instead of a
// thousand. The sources run without it as well, slower. Beside it, the web page and the documentation for browsers. Does
// nothing where `dist/` is as new as they are.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { compiledFolder, root } from '@crunch-node/launcher/compiled';
import { pageFolder } from '@crunch-node/launcher/page';
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

/** What was made of sources that are no more, but for the newest: processes may still run it. */
function removeOld(target) {
  const folder = join(root, 'dist');
  const kindOf = (name) => name.match(/^(web|docs)-/)?.[1] ?? 'engine';
  const old = readdirSync(folder)
    .filter((name) => kindOf(name) === kindOf(basename(target)))
    .map((name) => join(folder, name))
    .filter((path) => path !== target)
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of old.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}

/** The engine runs without its page: a fault in building it is shown and stops nothing. */
async function buildPage(kind) {
  const folder = pageFolder(kind);
  if (existsSync(join(folder, 'index.html'))) return;
  try {
    // Processes of their own: they take as long as the engine, and print what no caller needs.
    await promisify(execFile)(process.execPath, [join(root, 'packages', 'web', 'build.mjs'), kind, folder]);
    removeOld(folder);
  } catch (error) {
    const isLeftOut = /ERR_MODULE_NOT_FOUND/.test(error.stderr ?? '');
    const reason = isLeftOut ? 'development packages are not installed' : (error.stderr || error.message).trim();
    console.error(`${kind === 'web' ? 'the web page' : 'the documentation'} is not built: ${reason}`);
  }
}

async function buildEngine() {
  const target = compiledFolder();
  if (existsSync(join(target, 'modules.json'))) return;
  await compile(target);
  removeOld(target);
}

const KEPT = 3;
await Promise.all([buildEngine(), buildPage('web'), buildPage('docs')]);
