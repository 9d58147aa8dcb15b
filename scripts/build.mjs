#!/usr/bin/env node
// Compiles the engine and its command to `dist/`, so that a start costs no transpiling and one module instead of a
// thousand. The sources run without it as well, slower. Does nothing where `dist/` is as new as they are.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { compiledFolder, root } from '@crunch-node/launcher/compiled';
import { build } from 'esbuild';

/** What is there to import: each export of each package, and the programs. Test helpers are for sources only. */
function entryPoints() {
  const workspaces = [
    'streams',
    ...['packages', 'services'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name))),
  ];
  const entries = {
    cli: 'packages/cli/src/main.ts',
    'example-models': 'services/orchestrator/src/main.ts',
    'model-host': 'services/orchestrator/src/model-host.ts',
    'model-thread': 'packages/backtest/src/models/thread-main.ts',
  };
  for (const workspace of workspaces) {
    let manifest;
    try {
      manifest = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'));
    } catch (error) {
      // A folder that is no package of ours, or was emptied.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') continue;
      throw error;
    }
    for (const [name, file] of Object.entries(manifest.exports ?? {})) {
      if (name === './testing' || typeof file !== 'string' || !file.endsWith('.ts')) continue;
      entries[`${basename(manifest.name)}${name.slice(1).replaceAll('/', '.')}`] = join(workspace, file);
    }
  }
  return entries;
}

/** `import.meta.url` stays that of the source: neighbouring files are found from there. */
const placeOfSources = (outdir) => ({
  name: 'place-of-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (path.includes('node_modules') || !text.includes('import.meta.url')) return undefined;
      const place = `new URL(${JSON.stringify(relative(outdir, path))}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', place), loader: 'ts' };
    });
  },
});

const ours = {
  name: 'ours',
  setup({ onResolve }) {
    // What is not ours is not compiled in.
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@crunch-node/') ? undefined : { path, external: true },
    );
  },
};

async function compile(target) {
  // Written to a neighbouring folder, then moved: concurrent builds and starts find all of it or nothing.
  const outdir = `${target}.${process.pid}`;
  try {
    const entries = entryPoints();
    await build({
      absWorkingDir: root,
      entryPoints: entries,
      outdir,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'warning',
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
