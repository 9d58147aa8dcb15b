import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { codeFingerprint, hashOfFiles } from './code-fingerprint.ts';

describe('the fingerprint of code', () => {
  let scratch: string;
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'crunch-fingerprint-'));
  });
  after(() => rmSync(scratch, { recursive: true }));

  let folders = 0;
  function hashOf(files: Readonly<Record<string, string>>): string {
    const folder = join(scratch, String(++folders));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return hashOfFiles(folder, /(?<!\.test)\.ts$/);
  }

  const original = { 'a.ts': 'one', 'rooms/b.ts': 'two' };

  it('is the same for the same files elsewhere, whatever tests are beside them', () => {
    const withTests = { ...original, 'a.test.ts': 'three', 'testing/c.ts': 'four', 'notes.md': 'five' };
    assert.equal(hashOf(withTests), hashOf(original));
  });

  for (const [what, files] of Object.entries({
    'another text': { ...original, 'rooms/b.ts': 'three' },
    'another name': { 'a.ts': 'one', 'rooms/c.ts': 'two' },
    'another place': { 'a.ts': 'one', 'b.ts': 'two' },
    'one file more': { ...original, 'c.ts': '' },
    'one file less': { 'a.ts': 'one' },
  })) {
    it(`differs with ${what}`, () => assert.notEqual(hashOf(files), hashOf(original)));
  }

  it('is refused where there is no code', () => {
    assert.throws(() => hashOf({ 'a.d.md': '' }), /expected files .* found none/);
    assert.throws(() => codeFingerprint(['no-such-package']), /expected code of no-such-package, found none/);
  });

  it('depends on the packages asked for', () => {
    const ofStreams = codeFingerprint(['streams']);
    assert.match(ofStreams, /^[0-9a-f]{64}$/);
    assert.notEqual(codeFingerprint(['streams', 'service']), ofStreams);
    assert.equal(codeFingerprint(['streams', 'no-such-package']), ofStreams);
  });
});
