import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { runCli } from './testing/run-cli.ts';

const schedule =
  "{ scope_key: 'btc', scope: { subject: 'BTCUSDT' }, prediction_interval_seconds: 60, resolve_horizon_seconds: 120 }";
const definition = `{ crunch_id: 'apart', scheduled_predictions: [${schedule}] }`;
// In two parts, since it is no import of this file.
const TYPES = ['import { Type }', "'@sinclair/typebox'"].join(' from ');
const files = {
  'plain.ts': `export default ${definition} as const;`,
  'typed.ts': `import { defineCrunch } from '@crunch-node/config';\nexport default defineCrunch(${definition});`,
  'answers.ts': `${TYPES};\nexport default { ...${definition}, output_type: Type.Object({ up: Type.Number() }), ensembles: [] } as const;`,
  'split.ts': "import definition from './plain.ts';\nexport default await Promise.resolve(definition);",
  'named.js': "import definition from './plain.ts';\nexport default definition;",
};

describe('a configuration in a folder without a package.json', () => {
  let folder: TempDir;
  before(async () => {
    folder = await tempDir('crunch-apart-');
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  });
  after(() => folder.remove());

  const load = (name: string) => runCli(['config', '--config', `./${name}`], { cwd: folder.path }).ended;

  for (const name of ['plain.ts', 'typed.ts', 'answers.ts', 'split.ts']) {
    it(`is a module in TypeScript: ${name}`, async () => {
      const { code, stdout, stderr } = await load(name);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /"crunch_id": "apart"/);
    });
  }

  it('explains in one line what to do where the module type of JavaScript is not declared', async () => {
    const { code, stderr } = await load('named.js');
    assert.equal(code, 1);
    assert.match(stderr, /^crunch-node: .*named\.js: expected an ES module: name it \.ts or \.mjs, or put a.*\n$/);
  });
});
