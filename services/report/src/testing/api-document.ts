import { readFileSync } from 'node:fs';
import { unconnectedApp } from './unconnected-app.ts';

/** Where the description is kept. */
export const recordedFile = new URL('../../../../docs/openapi.json', import.meta.url);
const manifest = new URL('../../../../package.json', import.meta.url);

const read = (file: URL): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** The description of the API as its routes have it, with the default tiers. */
export async function apiDocument(): Promise<object> {
  const { version } = read(manifest) as { version: string };
  const app = await unconnectedApp({ version });
  try {
    await app.ready();
    return app.swagger();
  } finally {
    await app.close();
  }
}

/** To the order of its keys; only the white space is the formatter's. */
export const isRecorded = (document: object): boolean =>
  JSON.stringify(document) === JSON.stringify(read(recordedFile));
