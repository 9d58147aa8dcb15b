import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Of the packages a project is made with. */
export const versionOf = (): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};

/** Where this runs from a checkout, whose packages are in no registry: how the project gets them. */
export function checkoutNote(
  folder: string,
  isCheckout = existsSync(new URL('../../../scripts/pack', import.meta.url)),
): string[] {
  if (!isCheckout) return [];
  return [
    'This is a checkout of the engine, whose packages are in no registry. `make` finds them only where they are copied:',
    '',
    '  scripts/pack --to FOLDER    # in the checkout: makes the packages',
    `  crunch-node init ${folder} --packages FOLDER    # with the same answers, once ${folder} is removed`,
    '',
  ];
}

/** The oldest Node the packages run on, as in their `engines`. */
export const oldestNode = '20.19';

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
