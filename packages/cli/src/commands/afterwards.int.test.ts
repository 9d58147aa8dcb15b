import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { runCli } from '../testing/run-cli.ts';

const demo = ['--demo', '--days', '0.05'];
const OTHER = `
import { defineCrunch, realtimePack } from '@crunch-node/config';
export default defineCrunch({ ...realtimePack, aggregation: { ...realtimePack.aggregation, ranking_direction: 'asc' } });
`;

interface Compared {
  readonly stream: string;
  readonly events: number;
  readonly differences: number;
}

describe('commands on a folder whose history is worked off', () => {
  let folder: TempDir;
  let output = '';
  before(async () => {
    folder = await tempDir('crunch-afterwards-');
    await writeFile(join(folder.path, 'other.ts'), OTHER);
    const { code, stderr } = await run('up', ...demo, '--once', '--port', '0').ended;
    assert.equal(code, 0, stderr);
    output = await digests();
  });
  after(() => folder?.remove());

  const run = (...args: string[]) => runCli([...args, '--data-dir', join(folder.path, 'data')], { cwd: folder.path });
  async function printed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args).ended;
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  }
  const digests = async () => (await printed('digest', '--streams')) + (await printed('digest'));

  it('finds everything it depends on', async () => {
    const findings = JSON.parse(await printed('doctor', '--json')) as {
      readonly check: string;
      readonly ok: boolean;
    }[];
    assert.deepEqual(
      findings.filter(({ ok }) => !ok),
      [],
    );
    assert.ok(findings.length >= 7);
    const wrong = await run('doctor', '--config', 'nowhere.ts').ended;
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /FAIL {2}configuration: .*nowhere\.ts/);
    assert.deepEqual((await readdir(folder.path)).sort(), ['data', 'other.ts'], 'looking makes nothing');
  });

  it('proves the log', async () => {
    const { streams } = JSON.parse(await printed('verify', ...demo, '--json')) as { readonly streams: Compared[] };
    assert.equal(streams.length, 6);
    for (const { stream, events, differences } of streams)
      assert.ok(events > 10 && differences === 0, `${stream}: ${events} events, ${differences} differences`);
  });

  it('ranks under another configuration', async () => {
    const { ranking } = JSON.parse(await printed('whatif', '--config', 'other.ts', '--json')) as {
      readonly ranking: {
        readonly published: { readonly rank: number };
        readonly otherwise: { readonly rank: number };
      }[];
    };
    assert.ok(ranking.length >= 6);
    assert.notDeepEqual(
      ranking.map(({ published }) => published.rank),
      ranking.map(({ otherwise }) => otherwise.rank),
    );
  });

  it('makes read models anew, and goes back', async () => {
    assert.match(await printed('replay', 'leaderboards'), /leaderboards +leaderboard_entries .* the same +switched/);
    assert.match(await printed('replay', '--list'), /leaderboards +previous +\d+ +kept/);
    await printed('replay', '--rollback', 'leaderboards');
    await printed('replay', '--drop', 'leaderboards');
    assert.doesNotMatch(await printed('replay', '--list'), /previous/);
  });

  it('knows of no dead letter', async () => {
    assert.match(await printed('deadletters', 'list'), /no open dead letters/);
    const { code, stderr } = await run('deadletters', 'show', 'dead:FEEDS:1').ended;
    assert.equal(code, 1);
    assert.match(stderr, /expected the id of a dead letter \(there are none\), received "dead:FEEDS:1"/);
  });

  it('has changed nothing by all that', async () => assert.equal(await digests(), output));
});
