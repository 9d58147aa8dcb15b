import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = path.resolve(process.env.CRUNCH_DATA_DIR ?? '../shared/data');

/** What a test that needs recorded data is skipped with when there is none. */
export const skipWithoutData = existsSync(path.join(folder, 'wire'))
  ? false
  : `no recorded data at ${folder}: set CRUNCH_DATA_DIR to test on it`;

/** Messages of a provider as they came over the wire. */
export const recordedMessages = <T>(file: string): T =>
  JSON.parse(readFileSync(path.join(folder, 'wire', file), 'utf8')) as T;

/** Rows of a table of market data, without its header. */
export const marketRows = (file: string): string[][] =>
  gunzipSync(readFileSync(path.join(folder, 'market', file)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
