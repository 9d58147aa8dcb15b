/** Type declarations: emitted once by tsc, then for each package the files its public modules reach. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { exportedSources, root } from '../compile.mjs';

/** Where the declaration of a source lies in a package. */
export const declarationOf = (source: string): string => join('types', source.replace(/\.ts$/, '.d.ts'));

/** Emits declarations of sources and all they import into a folder. Types are checked elsewhere: `npm run types`. */
export function emitDeclarations(sources: readonly string[], folder: string): void {
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    outDir: join(folder, 'types'),
    rootDir: root,
    typeRoots: [join(root, 'node_modules', '@types')],
    // As files of this program: what is resolved through node_modules is not emitted.
    paths: Object.fromEntries([...exportedSources()].map(([name, source]) => [name, [join(root, source)]])),
  };
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: [],
      files: sources.map((source) => join(root, source)),
    }),
  );
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  execFileSync(process.execPath, [join(dirname(manifest), 'bin', 'tsc'), '-p', config], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

const SPECIFIER = /(\bfrom\s+|\bimport\s+|\bimport\()(['"])([^'"\n]+)\2/g;

/** Copies what public modules reach into a package, with relative paths in place of names of workspaces. */
export function copyDeclarations(sources: readonly string[], from: string, to: string): void {
  const exported = exportedSources();
  const wanted = new Set(sources);
  // A set grows while it is iterated: what a file reaches comes behind it.
  for (const source of wanted) {
    const path = declarationOf(source);
    const emitted = join(from, path);
    if (!existsSync(emitted)) throw new Error(`expected tsc to emit ${path}, it did not`);
    const text = readFileSync(emitted, 'utf8').replaceAll(SPECIFIER, (whole, keyword, quote, specifier: string) => {
      const target = specifier.startsWith('.') ? join(dirname(source), specifier) : exported.get(specifier);
      if (target === undefined) return whole;
      const file = target.replace(/\.js$/, '.ts');
      wanted.add(file);
      const way = relative(dirname(source), file).replace(/\.ts$/, '.js');
      return `${keyword}${quote}${way.startsWith('.') ? way : `./${way}`}${quote}`;
    });
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
  }
}
