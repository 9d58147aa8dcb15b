// What `build.mjs` and `pack` compile, and how.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '@crunch-node/launcher/compiled';

export { root };

/** Folder and manifest of each workspace. */
export function workspaces() {
  const folders = [
    'streams',
    ...['packages', 'services'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name))),
  ];
  return folders.flatMap((folder) => {
    try {
      return [{ folder, manifest: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) }];
    } catch (error) {
      // A folder that is no package of ours, or was emptied.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    }
  });
}

/** Every public name of a workspace → its source: `@crunch-node/feeds/rows` → `packages/feeds/src/rows/index.ts`. */
export const exportedSources = () =>
  new Map(
    workspaces().flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports ?? {})
        .filter(([path, file]) => !path.startsWith('./testing') && String(file).endsWith('.ts'))
        .map(([path, file]) => [manifest.name + path.slice(1), join(folder, file)]),
    ),
  );

/** Each export of each package, and the programs: name → source. Test helpers are for sources only. */
export function entryPoints() {
  const entries = {
    cli: 'packages/cli/src/main.ts',
    'example-models': 'services/orchestrator/src/main.ts',
    'model-host': 'services/orchestrator/src/model-host.ts',
    'model-thread': 'packages/backtest/src/models/thread-main.ts',
  };
  for (const [name, source] of exportedSources()) {
    entries[name.slice('@crunch-node/'.length).replaceAll('/', '.')] = source;
  }
  return entries;
}

/**
 * `import.meta.url` stays that of the source: neighbouring files are found from there.
 * @param sources the folder that holds the neighbouring files where the result runs
 */
export const placeOfSources = (outdir, sources = root) => ({
  name: 'place-of-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (path.includes('node_modules') || !text.includes('import.meta.url')) return undefined;
      const target = relative(outdir, join(sources, relative(root, path)));
      const place = `new URL(${JSON.stringify(target)}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', place), loader: 'ts' };
    });
  },
});

/** What is not ours is not compiled in. */
export const ours = {
  name: 'ours',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@crunch-node/') ? undefined : { path, external: true },
    );
  },
};

/** Options of esbuild that every compilation shares. */
export const shared = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
};
