import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openDuck } from '@crunch-node/archive';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { runCli } from '../testing/run-cli.ts';

const demo = ['--demo', '--days', '0.05'];
const OTHER = `
import { defineCrunch, realtimePack } from '@crunch-node/config';
export default defineCrunch({ ...realtimePack, aggregation: { ...realtimePack.aggregation, ranking_direction: 'asc' } });
`;

const KEPT: Readonly<Record<string, string>> = {
  predictions: 'crunch.predictions',
  scores: 'crunch.scores',
  leaderboards: 'crunch.leaderboard_entries',
};

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

  const run = (...args: string[]) =>
    runCli([...args, '--data-dir', join(folder.path, 'data')], { cwd: folder.path, env: { PARTITIONS: '3' } });
  async function printed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args).ended;
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  }
  const digests = async () => (await printed('digest', '--streams')) + (await printed('digest'));

  it('find everything they depend on', async () => {
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

  it('name what is wrong in recorded data, with its line', async () => {
    const lines = ['ts_event,open,high,low,close,volume', '1704067200000,1,2,1,2,5', 'yesterday,1,2,1,2,5'];
    const file = join(folder.path, 'data', 'binance_spot_btcusdt_1s_202401.csv');
    await writeFile(file, lines.join('\n'));
    const bad = await run('doctor', '--data', file).ended;
    assert.match(bad.stdout, /FAIL {2}data: .*found 1 that are none beside 1 records\n.*\.csv:3: .*yesterday/);
    assert.equal(bad.code, 1);
    await writeFile(file, lines.slice(0, 2).join('\n'));
    assert.match((await run('doctor', '--data', file).ended).stdout, /ok {4}data: 1 records, every row read/);
  });

  it('write flat tables that other tools read', async () => {
    const to = join(folder.path, 'data', 'tables');
    const { tables } = JSON.parse(await printed('archive', 'tables', '--to', to, '--json')) as {
      readonly tables: { readonly table: string; readonly days: number; readonly rows: number }[];
    };
    assert.deepEqual(
      tables.map(({ table, days }) => [table, days]),
      [
        ['predictions', 1],
        ['scores', 1],
        ['leaderboards', 1],
      ],
    );
    const duck = openDuck(to, { threads: 1, memoryMb: 256 });
    const connection = await duck.connect();
    const asked = async (query: string) => (await connection.runAndReadAll(query)).getRows();
    for (const { table, rows } of tables) {
      const [[found]] = (await asked(`select count(*) from read_parquet('${to}/${table}/2024-01-01.parquet')`)) as [
        [bigint],
      ];
      assert.equal(Number(found), rows, table);
      const kept = await printed('sql', `select count(*)::int as n from ${KEPT[table]}`, '--json');
      assert.deepEqual(JSON.parse(kept), [{ n: rows }], table);
    }
    const [[types]] = (await asked(`select list(column_type order by column_name) from (describe select performed_at,
      answer_value, horizon_seconds, status from read_parquet('${to}/predictions/2024-01-01.parquet'))`)) as [
      [{ items: string[] }],
    ];
    assert.deepEqual(types.items, ['DOUBLE', 'DOUBLE', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR']);
    const [[best]] = (await asked(`select model_id from read_parquet('${to}/leaderboards/2024-01-01.parquet')
      where kind = 'model' and rank = 1 order by cycle_end desc limit 1`)) as [[string]];
    const ranked = await printed(
      'sql',
      "select model_id from leaderboard_entries where kind = 'model' and rank = 1 order by cycle_end desc limit 1",
      '--json',
    );
    assert.deepEqual(JSON.parse(ranked), [{ model_id: best }]);
    connection.closeSync();
    duck.close();
    const refused = await run('sql', 'delete from scores').ended;
    assert.match(refused.stderr, /read-only/);
    const misspelt = await run('sql', 'select model_nid from leaderboard_entries').ended;
    assert.match(
      misspelt.stderr,
      /"model_nid" does not exist\n(.*\n)*.*model_id.*\n.*columns of leaderboard_entries: /,
    );
    assert.doesNotMatch(misspelt.stderr, /at .*\.[jt]s:/);
    const unknown = await run('sql', 'select * from leaderboard').ended;
    assert.match(unknown.stderr, /did you mean the table leaderboards?/);
    assert.match(await printed('logs'), /up|service|info/);
  });

  it('verify the log', async () => {
    const other = await run('verify').ended;
    const [, named = ''] = /What ran is a demo: crunch-node verify (.*) --data-dir \S+;/.exec(other.stderr) ?? [];
    assert.match(named, /^--demo/, other.stderr);
    const { streams } = JSON.parse(await printed('verify', ...named.split(' '), '--json')) as {
      readonly streams: Compared[];
    };
    assert.equal(streams.length, 6);
    for (const { stream, events, differences } of streams)
      assert.ok(events > 10 && differences === 0, `${stream}: ${events} events, ${differences} differences`);
  });

  it('rank under another configuration', async () => {
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

  it('rebuild read models, and go back to the earlier ones', async () => {
    assert.match(await printed('replay', 'leaderboards'), /leaderboards +leaderboard_entries .* the same +switched/);
    assert.match(await printed('replay', '--list'), /leaderboards +previous +\d+ +kept/);
    await printed('replay', '--rollback', 'leaderboards');
    await printed('replay', '--drop', 'leaderboards');
    assert.doesNotMatch(await printed('replay', '--list'), /previous/);
  });

  it('say that the run has ended where they need one', async () => {
    const { code, stderr } = await run('open').ended;
    assert.equal(code, 1);
    assert.match(stderr, /nothing runs in .*data: the run there has ended\. crunch-node up --data-dir/);
    const empty = await runCli(['open', '--data-dir', join(folder.path, 'none')], { cwd: folder.path }).ended;
    assert.match(empty.stderr, /expected the address of the log: set NATS_URL/);
  });

  it('list no dead letters', async () => {
    assert.match(await printed('deadletters', 'list'), /no open dead letters/);
    const { code, stderr } = await run('deadletters', 'show', 'dead:FEEDS:1').ended;
    assert.equal(code, 1);
    assert.match(stderr, /expected the id of a dead letter \(there are none\), received "dead:FEEDS:1"/);
  });

  it('leave all digests unchanged', async () => assert.equal(await digests(), output));
});
