#!/usr/bin/env node
// Compiles tests, since loading a thousand modules one by one takes longer than most of them. The paths of the tests are
// read from its input, and nothing is done where what was made of them is there and none of its sources has changed.
// `compile-tests.mjs <folder> <name>` writes one module with all of them, `<name>.test.mjs`. `compile-tests.mjs <folder>`
// writes a module for each, which share what they import, and prints the paths of these.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { exportedSources, ours, root, shared } from './compile.mjs';

const [folder = '', name] = process.argv.slice(2);
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

/** Changes with the modules that are wanted, with what is compiled into them, and with how. */
function fingerprint(sources, wanted) {
  const hash = createHash('sha256').update(JSON.stringify(wanted));
  for (const path of [fileURLToPath(import.meta.url), join(root, 'package-lock.json'), ...sources]) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** What is recorded of the last compilation; null where a source has changed since. */
function unchanged(record, wanted) {
  try {
    const { sources, of } = JSON.parse(readFileSync(record, 'utf8'));
    return fingerprint(sources, wanted) === of ? of : null;
  } catch {
    // Never compiled, or one of its sources is gone.
    return null;
  }
}

function recorded(record, wanted, { inputs }) {
  const sources = Object.keys(inputs)
    .filter((path) => !path.includes('node_modules/') && existsSync(join(root, path)))
    .map((path) => join(root, path));
  const of = fingerprint(sources, wanted);
  write(record, JSON.stringify({ sources, of }));
  return of;
}

/** Moved there, since another run may be reading it. */
function write(path, contents) {
  writeFileSync(`${path}.${process.pid}`, contents);
  renameSync(`${path}.${process.pid}`, path);
}

const options = { ...shared, metafile: true, sourcemap: true, sourcesContent: false };

/** All tests as one module. */
async function together() {
  const outfile = join(folder, `${name}.test.mjs`);
  const record = join(folder, `${name}.json`);
  if (existsSync(outfile) && unchanged(record, tests) !== null) return;
  const contents = tests.map((path) => `import ${JSON.stringify(path)};\n`).join('');
  const { metafile, outputFiles } = await build({
    ...options,
    splitting: false,
    stdin: { contents, resolveDir: root, sourcefile: `${name}-tests` },
    outfile,
    write: false,
    plugins: [packages, placeOfSources],
  });
  for (const { path, contents } of outputFiles) write(path, contents);
  recorded(record, tests, metafile);
}

/**
 * A module for each test and for each program that tests start, beside those of the engine by which modules of operators
 * import it: as where the engine runs compiled, they get the modules that run.
 */
async function separately() {
  const nameOf = (path) => relative(root, path).replaceAll('/', '.').replace(/\.ts$/, '');
  const pathsIn = (outdir) => tests.map((path) => `${join(outdir, nameOf(path))}.mjs\n`).join('');
  const engine = Object.fromEntries([...exportedSources().values()].map((path) => [`engine.${nameOf(path)}`, path]));
  const programs = Object.fromEntries(programSources().map((path) => [nameOf(path), path]));
  const entryPoints = { ...Object.fromEntries(tests.map((path) => [nameOf(path), path])), ...engine, ...programs };
  const record = join(folder, `${fingerprint([], entryPoints).slice(0, 16)}.json`);
  const known = unchanged(record, entryPoints);
  const kept = known && join(folder, known.slice(0, 16));
  if (kept !== null && existsSync(kept)) return pathsIn(kept);
  const temporary = join(folder, `compiling-${process.pid}`);
  try {
    const { metafile } = await build({
      ...options,
      entryPoints,
      outdir: temporary,
      outExtension: { '.js': '.mjs' },
      plugins: [ours, placeOfSources],
    });
    const moduleOf = ([entry, path]) => [path, `${entry}.mjs`];
    const modules = Object.fromEntries(Object.entries(engine).map(moduleOf));
    writeFileSync(join(temporary, 'modules.json'), JSON.stringify(modules));
    writeFileSync(
      join(temporary, 'programs.json'),
      JSON.stringify(Object.fromEntries(Object.entries(programs).map(moduleOf))),
    );
    const outdir = join(folder, recorded(record, entryPoints, metafile).slice(0, 16));
    if (!existsSync(outdir)) renameSync(temporary, outdir);
    return pathsIn(outdir);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    removeOld();
  }
}

/** What tests start as processes of their own: `*.program.ts`. */
const programSources = () =>
  ['streams', 'packages', 'services', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((path) => path.endsWith('.program.ts') && !path.includes('node_modules/'))
      .map((path) => join(root, folder, path)),
  );

/** Not what another run may have yet to load. */
function removeOld() {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - at > A_DAY) rmSync(path, { recursive: true, force: true });
  }
}

const A_DAY = 86_400_000;

mkdirSync(folder, { recursive: true });
if (name !== undefined) await together();
else process.stdout.write(await separately());
