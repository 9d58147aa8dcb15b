import { readFileSync } from 'node:fs';

/** Where `up` keeps the files of private servers, and where other commands look for them. */
export const DEFAULT_DATA_DIR = '.crunch';

export const version = (): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};
