/** The repository as text: its workspaces, their manifests, and what each source file imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

const GENERATED = new Set(['node_modules', '.git', '.cache', 'cache', '.crunch', 'dist', 'coverage']);

/** Paths of all files relative to the root, without what is installed or generated. */
export function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return GENERATED.has(entry.name) || path === 'data' ? [] : filesUnder(path);
    return entry.isFile() ? [relative('.', path)] : [];
  });
}

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
export const jsonOf = <T>(path: string): T => JSON.parse(textOf(path)) as T;

export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  readonly folder: string;
  /** without the scope: `domain`, `score` */
  readonly name: string;
  readonly isService: boolean;
  readonly manifest: Manifest;
  readonly sources: readonly Source[];
}

export interface Source {
  readonly path: string;
  readonly isTest: boolean;
  /** without comments */
  readonly code: string;
  readonly imports: readonly string[];
}

export const SCOPE = '@crunch-node/';

export function workspaces(): Workspace[] {
  const folders = ['packages', 'services'].flatMap(
    (group) =>
      readdirSync(join(root, group))
        .map((name) => join(group, name))
        .filter((folder) => existsSync(join(root, folder, 'package.json'))), // others are packages of Python
  );
  return ['streams', ...folders].map((folder) => {
    const manifest = jsonOf<Manifest>(join(folder, 'package.json'));
    return {
      folder,
      name: manifest.name.replace(SCOPE, ''),
      isService: folder.startsWith('services'),
      manifest,
      sources: filesUnder(folder)
        .filter((path) => /\.(tsx?|m?js)$/.test(path) && !path.endsWith('.gen.ts'))
        .map(sourceAt),
    };
  });
}

export function sourceAt(path: string): Source {
  const code = withoutComments(textOf(path));
  return {
    path,
    isTest: /\.test\.ts$|\/testing\//.test(path),
    code,
    imports: [...code.matchAll(/(?:from\s+|import\s+|import\(\s*)(['"])([^'"\n]+)\1/g)].map((match) => match[2] ?? ''),
  };
}

/** Enough for looking names up: a comment never hides one, a text at worst shows one too many. */
const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[\s;{}(,])\/\/.*$/gm, '$1');

/** `kysely/migration` → `kysely`, `@scope/name/part` → `@scope/name` */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/**
 * The files through which a file loads a foreign package, statically (what is imported when it is needed does not count);
 * null: it does not.
 */
export function pathTo(isWanted: (foreign: string) => boolean, entry: string): readonly string[] | null {
  return follow(isWanted, entry, new Set());
}

/** Our files a file loads, directly or not, and itself. */
export function filesLoadedBy(entry: string): readonly string[] {
  const seen = new Set<string>();
  follow(() => false, entry, seen);
  return [...seen];
}

/** @param seen files not to look into again; what is looked into is added */
function follow(isWanted: (foreign: string) => boolean, entry: string, seen: Set<string>): readonly string[] | null {
  const exported = new Map(
    workspaces().flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports ?? {}).map(([name, file]) => [manifest.name + name.slice(1), join(folder, file)]),
    ),
  );
  const followFrom = (path: string): readonly string[] | null => {
    if (seen.has(path)) return null;
    seen.add(path);
    for (const specifier of loadedBy(sourceAt(path).code)) {
      if (isWanted(packageOf(specifier))) return [path, specifier];
      const target = specifier.startsWith('.') ? join(dirname(path), specifier) : exported.get(specifier);
      const rest = target === undefined ? null : followFrom(target);
      if (rest !== null) return [path, ...rest];
    }
    return null;
  };
  return followFrom(entry);
}

/** What is loaded with a file: neither types nor `import()`. */
const loadedBy = (code: string): string[] =>
  [...code.matchAll(/^(?:import|export)\s+(?!type\s)(?:[^;'"]*?\sfrom\s+)?(['"])([^'"\n]+)\1;/gm)].map(
    (match) => match[2] ?? '',
  );
