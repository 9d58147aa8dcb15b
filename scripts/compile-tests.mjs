#!/usr/bin/env node
// Compiles tests that only compute, since loading a thousand modules one by one takes longer than most of them.
// `compile-tests.mjs <folder> <name>` reads the paths of tests from its input, and writes one module with all of them,
// `<name>.test.mjs`, unless it is there and none of its sources has changed since.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root, shared } from './compile.mjs';

const [folder = '', name = ''] = process.argv.slice(2);
const tests = readFileSync(0, 'utf8').split('\n').filter(Boolean);

/** Packages of hundreds of small modules, none of which looks for a file beside itself. */
const COMPILED_IN = /^(@crunch-node\/|@sinclair\/typebox|kysely|fast-check|pure-rand)/;

const packages = {
  name: 'packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || COMPILED_IN.test(path) ? undefined : { path, external: true },
    );
  },
};

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

const imports = tests.map((path) => `import ${JSON.stringify(path)};\n`).join('');
const entry = `${name}-tests`;
const outfile = join(folder, `${name}.test.mjs`);
const record = join(folder, `${name}.json`);

/** Changes with the tests, with what is compiled into them, and with how. */
function fingerprint(sources) {
  const hash = createHash('sha256').update(imports);
  for (const path of [fileURLToPath(import.meta.url), join(root, 'package-lock.json'), ...sources]) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function isUnchanged() {
  try {
    const { sources, of } = JSON.parse(readFileSync(record, 'utf8'));
    return existsSync(outfile) && fingerprint(sources) === of;
  } catch {
    // Never compiled, or one of its sources is gone.
    return false;
  }
}

async function compile() {
  const { metafile, outputFiles } = await build({
    ...shared,
    splitting: false,
    stdin: { contents: imports, resolveDir: root, sourcefile: entry },
    outfile,
    write: false,
    metafile: true,
    sourcemap: true,
    sourcesContent: false,
    plugins: [packages, placeOfSources],
  });
  for (const { path, contents } of outputFiles) {
    // Moved there, since another run may be reading it
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
  const sources = Object.keys(metafile.inputs)
    .filter((path) => !path.includes('node_modules/') && path !== entry)
    .map((path) => join(root, path));
  writeFileSync(record, JSON.stringify({ sources, of: fingerprint(sources) }));
}

if (!isUnchanged()) await compile();
