import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runVectors } from './vectors/run.ts';
import { parseVectors } from './vectors/vector.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(root, process.env.CRUNCH_DATA_DIR ?? '../shared/data', '../spec/vectors');
const skip = existsSync(folder) ? false : `there are no golden vectors in ${folder}: set CRUNCH_DATA_DIR`;

describe('the reference system, in its own profile', { skip }, () => {
  for (const name of skip === false ? readdirSync(folder).filter((file) => file.endsWith('.json')) : []) {
    it(`is repeated by every binding case of ${name}`, () => {
      const results = runVectors({ ...parseVectors(readFileSync(join(folder, name), 'utf8')), file: name });
      const wrong = results.filter(({ verdict }) => verdict === 'failed' || verdict === 'not built yet');
      assert.deepEqual(wrong, []);
    });
  }
});
