import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { modelsAt } from './wanted.ts';

describe('models at paths', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'crunch-wanted-'));
    for (const path of ['many/steady.ts', 'many/momentum.py', 'many/one/main.py', 'mine.py', 'empty/notes.md']) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), '');
    }
  });
  after(() => rmSync(folder, { recursive: true }));
  const read = async (...paths: string[]) => {
    const { models, faults } = await modelsAt(paths.map((path) => join(folder, path)))();
    return { names: models.map(({ model }) => model.model_name), faults };
  };

  it('are files, folders that are a model, and those in a folder of models', async () => {
    assert.deepEqual(await read('many', 'mine.py'), { names: ['momentum', 'one', 'steady', 'mine'], faults: [] });
    assert.deepEqual(await read('mine.py', 'many/one'), { names: ['mine', 'one'], faults: [] });
  });

  it('are missed where there are none, and the others run', async () => {
    const { names, faults } = await read('empty', 'nowhere.py', 'mine.py');
    assert.deepEqual(names, ['mine']);
    assert.match(faults[0] ?? '', /empty/);
    assert.match(faults[1] ?? '', /found no such file or folder/);
  });

  it('have different names', async () =>
    assert.match((await read('many', 'many/steady.ts')).faults.join(), /different names, received steady again/));
});
