#!/usr/bin/env node
// Compiles tests that only compute, since loading a thousand modules one by one takes longer than most of them.
// `compile-tests.mjs <folder> <parts>` reads the paths of tests from its input, and writes so many modules that import them.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ours, root, shared } from './compile.mjs';

const [folder = '', parts = '1'] = process.argv.slice(2);
const tests = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const nameOf = (path) => relative(root, path).replace(/\.ts$/, '');

/** Files beside the sources are found from there, wherever the result lies. */
const placeOfSources = {
  name: 'place-of-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (path.includes('node_modules') || !/import\.meta\.(url|dirname|filename)/.test(text)) return undefined;
      const contents = text
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path));
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

await build({
  ...shared,
  entryPoints: Object.fromEntries(tests.map((path) => [nameOf(path), path])),
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  sourcemap: true,
  sourcesContent: false,
  plugins: [ours, placeOfSources],
});
for (let part = 0; part < Number(parts); part++) {
  const imported = tests.filter((_, index) => index % Number(parts) === part);
  const text = imported.map((path) => `import ${JSON.stringify(`./${nameOf(path)}.mjs`)};\n`).join('');
  writeFileSync(join(folder, `${part}.test.mjs`), text);
}
