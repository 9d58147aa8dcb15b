import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, workspaces } from '../compile.mjs';
import { compiledName } from './compiled.ts';
import { declarationOf } from './declarations.ts';
import type { Packed } from './packages.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const SCOPE = '@crunch-node/';
const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** One for all packages. */
export const version = rootManifest.version;

/** The manifest that is published: no workspaces, every dependency at the version that was tested. */
export function manifestOf({ name, description, exports, bin, workspace, needs = [] }: Packed): object {
  return {
    name,
    version,
    description,
    type: 'module',
    license: rootManifest.license,
    engines: rootManifest.engines,
    ...(Object.keys(exports).length > 0 && {
      exports: {
        ...Object.fromEntries(
          Object.entries(exports).map(([path, source]) => [
            path,
            { types: `./${declarationOf(source)}`, default: `./dist/${compiledName(source)}.js` },
          ]),
        ),
        './package.json': './package.json',
      },
    }),
    ...(bin && { bin }),
    files: ['dist', 'types', 'parts', 'templates', 'LICENSE', 'README.md'],
    dependencies: { ...dependenciesOf(workspace), ...Object.fromEntries(needs.map((one) => [one, installed(one)])) },
  };
}

/** What a workspace and those it is made of import of others. */
function dependenciesOf(workspace: string): Record<string, string> {
  const manifests = new Map(workspaces().map(({ manifest }) => [manifest.name.replace(SCOPE, ''), manifest]));
  const wanted = workspace === '*' ? [...manifests.keys()] : [workspace];
  const found = new Map<string, string>();
  for (const name of wanted) {
    for (const [dependency, range] of Object.entries(manifests.get(name)?.dependencies ?? {})) {
      if (!dependency.startsWith(SCOPE)) found.set(dependency, range);
      else if (!wanted.includes(dependency.slice(SCOPE.length))) wanted.push(dependency.slice(SCOPE.length));
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const installed = (name: string): string =>
  (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as Manifest).version;
