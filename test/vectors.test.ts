import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const vectors = resolve(root, process.env.CRUNCH_SPEC_DIR ?? '../shared/spec', 'vectors');
const skip = existsSync(vectors)
  ? false
  : `GOLDEN VECTORS NOT CHECKED: expected them in ${vectors}; set CRUNCH_SPEC_DIR`;
if (skip) process.stderr.write(`${skip}\n`);

test('every binding golden vector is met', { skip }, async () => {
  const output = await new Promise<{ code: number | null; text: string }>((done) => {
    const child = execFile(
      join(root, 'scripts', 'vectors'),
      { cwd: root, maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => done({ code: error === null ? 0 : (child.exitCode ?? 1), text: `${out}${err}` }),
    );
  });
  assert.equal(output.code, 0, output.text.slice(-4_000));
});
