import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Of the packages a project is made with. */
export const versionOf = (): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};

/** What a project installs besides, at the versions the engine was tested with. */
export const tools = {
  '@sinclair/typebox': '0.34.52',
  '@types/node': '20.19.43',
  tsx: '4.23.15',
  typescript: '7.0.2',
} as const;

const WANTED = ['crunch-node', '@crunch-node/config', '@crunch-node/challenge'] as const;

/**
 * Specifiers of packages that are copied into `vendor/`, relative to a folder one level below it.
 * @throws {Error} when a package is missing
 */
export function vendored(tarballs: readonly string[], version: string): Readonly<Record<string, string>> {
  const names = new Set(tarballs.map((path) => basename(path)));
  return Object.fromEntries(
    WANTED.map((name) => {
      const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
      if (!names.has(file))
        throw new Error(`expected ${file} among the packages, found ${[...names].join(', ') || 'none'}`);
      return [name, `file:../vendor/${file}`];
    }),
  );
}
