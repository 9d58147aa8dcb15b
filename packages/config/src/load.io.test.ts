import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load.ts';
import { demoPack } from './packs/demo.ts';

const roots: string[] = [];
after(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

function workspace(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'crunch-config-'));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const moduleOf = (definition: object): string => `export default ${JSON.stringify(definition)};\n`;
const load = (cwd: string, env: Readonly<Record<string, string>> = {}) => loadConfig({ cwd, env });
const refused = (cwd: string, env: Readonly<Record<string, string>>, pattern: RegExp) =>
  assert.rejects(load(cwd, env), (error: unknown) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, pattern);
    return true;
  });

describe('loadConfig', () => {
  it('uses the default of the engine, and warns that it scores nothing', async () => {
    const { origin, config, warnings } = await load(workspace());
    assert.equal(origin, 'the default of the engine');
    assert.equal(config.crunch_id, 'starter-challenge');
    assert.deepEqual(warnings, ['scoring_function is not set: every prediction is worth 0']);
  });

  it('prefers the file of the working directory, and the named module to it', async () => {
    const cwd = workspace({
      'config/crunch.config.mjs': moduleOf({ crunch_id: 'here' }),
      'other.mjs': `export const special = ${JSON.stringify({ crunch_id: 'special' })};`,
    });
    assert.equal((await load(cwd)).config.crunch_id, 'here');
    assert.equal((await load(cwd, { CRUNCH_CONFIG_MODULE: 'other.mjs#special' })).config.crunch_id, 'special');
    assert.equal((await load(cwd, { CRUNCH_ID: 'environment' })).config.crunch_id, 'environment');
  });

  it('reads TypeScript', async () => {
    const cwd = workspace({
      'config/crunch.config.ts': `const id: string = 'typed';\nexport default { crunch_id: id };\n`,
    });
    assert.equal((await load(cwd)).config.crunch_id, 'typed');
  });

  it('never ignores a module that was named', async () => {
    const cwd = workspace({ 'empty.mjs': 'export const a = 1;', 'text.mjs': `export default 'x';` });
    await refused(cwd, { CRUNCH_CONFIG_MODULE: './none.mjs' }, /expected a file at .*none\.mjs/);
    await refused(cwd, { CRUNCH_CONFIG_MODULE: 'none.mjs' }, /expected a file at .*none\.mjs or a package .* neither$/);
    await refused(cwd, { CRUNCH_CONFIG_MODULE: 'no-such-package' }, /no-such-package/);
    await refused(cwd, { CRUNCH_CONFIG_MODULE: 'empty.mjs' }, /expected an export named "default", received a/);
    await refused(cwd, { CRUNCH_CONFIG_MODULE: 'text.mjs' }, /expected the result of defineCrunch/);
  });

  it('distinguishes a broken file from an absent one', async () => {
    await refused(workspace({ 'config/crunch.config.mjs': `import './not-there.mjs';` }), {}, /not-there/);
    await refused(workspace({ 'config/crunch.config.mjs': moduleOf({ colour: 1 }) }), {}, /colour: unknown key/);
  });

  it('uses SCORING_FUNCTION only where the configuration has none', async () => {
    const cwd = workspace({
      'score.mjs': 'export const score = ({ value }, { profit }) => ({ value: value * profit, success: true });',
      'config/crunch.config.mjs': 'export default { scoring_function: ({ value }) => ({ value, success: true }) };',
    });
    const env = { SCORING_FUNCTION: 'score.mjs#score' };
    assert.equal((await load(workspaceWith(cwd), env)).config.scoring_function({ value: 2 }, { profit: 3 }).value, 6);
    assert.equal((await load(cwd, env)).config.scoring_function({ value: 2 }, { profit: 3 }).value, 2);
  });

  it('tries the scorer: a stub is named, a result without a value refused', async () => {
    const stub = workspace({
      'config/crunch.config.mjs': 'export default { scoring_function: () => ({ value: 1, success: true }) };',
    });
    assert.match((await load(stub)).warnings.join(), /is it a stub/);
    const broken = workspace({
      'config/crunch.config.mjs': 'export default { scoring_function: () => ({ success: true }) };',
    });
    await refused(broken, {}, /expected a result with value/);
  });

  it('tries the emission: rewards add up to everything', () =>
    refused(
      workspace({
        'config/crunch.config.mjs':
          'export default { build_emission: (r) => ({ crunch: "", cruncher_rewards: r.map((_, i) => ({ cruncher_index: i, model_id: "", reward_pct: 1 })), compute_provider_rewards: [], data_provider_rewards: [] }) };',
      }),
      {},
      /build_emission: expected whole rewards of 1 models to add up to 1000000000, received 1/,
    ));

  it('hashes the resulting configuration and the code of the module', async () => {
    const hashOf = async (text: string, env = {}) =>
      (await load(workspace({ 'config/crunch.config.mjs': text }), env)).hash;
    const text = moduleOf({ crunch_id: 'a' });
    assert.equal(await hashOf(text), await hashOf(text));
    assert.notEqual(await hashOf(text), await hashOf(`${text}// another scorer\n`));
    assert.notEqual(await hashOf(text), await hashOf(text, { CYCLE_SECONDS: '30' }));
    assert.equal(await hashOf(text), await hashOf(text, { FEED_OPT_api_key: 'secret' }));
  });

  it('prefers a given pack to the configuration module of any folder', async () => {
    const pack = { name: 'demo', definition: demoPack };
    const cwd = workspace({ 'config/crunch.config.mjs': moduleOf({ crunch_id: 'here' }) });
    const { config, warnings } = await loadConfig({ cwd, env: { CRUNCH_CONFIG_MODULE: 'nowhere' }, pack });
    assert.deepEqual(config.feed.subjects, ['BTCUSDT', 'ETHUSDT']);
    assert.deepEqual(warnings, []);
  });
});

/** The same files without the workspace's configuration. */
function workspaceWith(cwd: string): string {
  const copy = workspace();
  writeFileSync(join(copy, 'score.mjs'), `export { score } from ${JSON.stringify(join(cwd, 'score.mjs'))};`);
  return copy;
}
