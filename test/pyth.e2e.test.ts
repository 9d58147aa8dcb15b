import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';
import { type FakeHermes, startFakeHermes } from '@crunch-node/feeds/testing';
import { crunchNodeRun, type Run } from './support/processes.ts';

const ids = [
  'e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43',
  'ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace',
];
const KEY = 'a-key-nobody-may-see';

let hermes: FakeHermes;
let folder: TempDir;
let publishing: NodeJS.Timeout;
let run: Run | undefined;

before(async () => {
  hermes = await startFakeHermes();
  hermes.wantKey = KEY;
  folder = await tempDir('crunch-pyth-');
  publishing = setInterval(() => {
    const second = Math.floor(Date.now() / 1000);
    ids.forEach((id, i) => {
      const price = String(6_000_000 + ((second * 7_919) % 5_000) + i);
      hermes.prices.set(id, { price, expo: -2, publish_time: second });
    });
    hermes.publish(...ids);
  }, 250);
});
after(async () => {
  clearInterval(publishing);
  if (run?.child.exitCode === null) run.child.kill('SIGINT'); // it stops its private servers
  await run?.ended;
  await hermes.stop();
  await folder.remove();
});

it('prices of Pyth are ingested, predicted on and scored, and survive a lost stream', {
  timeout: 1_200_000,
}, async () => {
  run = crunchNodeRun(['up', '--config', 'test/support/pyth-crunch.ts', '--port', '0', '--data-dir', folder.path], {
    FEED_OPT_transport: 'stream',
    FEED_OPT_hermes_url: hermes.url,
    FEED_OPT_benchmarks_url: hermes.url,
    FEED_OPT_api_key: KEY,
  });
  const { output } = run;
  const patience = { deadlineMs: 240_000, everyMs: 100, seen: output };
  const origin = await until('an address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0], patience);
  const report = async <T>(path: string): Promise<T> => (await (await fetch(`${origin}${path}`)).json()) as T;
  type Feed = { subject: string; kind: string; record_count: number };
  const records = async (): Promise<number> =>
    (await report<Feed[]>('/reports/feeds')).reduce((sum, { record_count }) => sum + record_count, 0);
  /** The API may not answer yet. */
  const atLeast = (n: number): Promise<number> =>
    until(
      `${n} records`,
      async () => {
        const count = await records().catch(() => 0);
        return count >= n && count;
      },
      patience,
    );

  const before = await atLeast(10);
  hermes.drop();
  await atLeast(before + 10);

  const feeds = await report<Feed[]>('/reports/feeds');
  assert.deepEqual(
    feeds.map(({ subject, kind }) => [subject, kind]),
    [
      ['BTC', 'tick'],
      ['ETH', 'tick'],
    ],
  );
  type Entry = { model_id: string; score_metrics: Record<string, number | null> };
  await until(
    'models that are scored on prices of Pyth',
    async () => {
      const entries = await report<Entry[]>('/reports/leaderboard');
      const scored = entries.filter(({ score_metrics }) => Object.values(score_metrics).some(Number.isFinite));
      return scored.length > 1;
    },
    patience,
  );
  run.child.kill('SIGINT');
  const { code } = await run.ended;
  assert.equal(code, 0, output());
  assert.match(output(), /lost the connection to Pyth, connecting again/);
  assert.ok(!output().includes(KEY), 'the key is in no line of the log');
});
