/**
 * A backtest of one Python model compared with the same model called in a bare Python loop, in one run.
 * `scripts/bench backtest-python [days] [passes] [copies]`: so many passes over its window make the model slower; it is
 * stateless, so that several copies can share the history.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askedModels, recordsOf, runBacktest, startPython, withCopies } from '@crunch-node/backtest';
import { defineCrunch, demoPackFor } from '@crunch-node/config';

const [days = '2', passes = '20', copies = '1'] = process.argv.slice(2);
const pack = demoPackFor(['BTCUSDT'], '1m');
const config = defineCrunch({ ...pack, ensembles: [], feed: { ...pack.feed, options: { days } } });
const folder = mkdtempSync(join(tmpdir(), 'crunch-bench-'));

const MODEL = `
from starter_challenge import TrackerBase
class Slow(TrackerBase):
    stateless = True
    def predict(self, subject, horizon, step):
        closes, value = self.closes(subject), 0.0
        for _ in range(${passes}):
            for close in closes: value = 0.9 * value + 0.1 * close
        return {"value": closes[-1] / value - 1}
`;
const LOOP = `
import json, sys, time
from slow import Slow
candles, model = json.load(open(sys.argv[1])), Slow()
begun = time.perf_counter()
for i in range(1, len(candles) + 1):
    window = [candle.copy() for candle in candles[max(0, i - 120):i]]
    model.feed_update({"symbol": "BTCUSDT", "asof_ts": window[-1]["ts"], "candles_1m": window})
    model.predict("BTCUSDT", 120, 60)
print(time.perf_counter() - begun)
`;

try {
  writeFileSync(join(folder, 'slow.py'), MODEL);
  writeFileSync(join(folder, 'loop.py'), LOOP);
  const candles: object[] = [];
  for await (const { ts_event, values } of recordsOf(config)) candles.push({ ts: ts_event / 1_000, ...values });
  writeFileSync(join(folder, 'candles.json'), JSON.stringify(candles));
  const env = { ...process.env, PYTHONPATH: join(import.meta.dirname, '../packages/challenge-python/src') };
  const bare = (): number =>
    Number(execFileSync(process.env.PYTHON ?? 'python3', ['loop.py', 'candles.json'], { cwd: folder, env }));
  const before = bare();
  const start = () => startPython('slow.py', { cwd: folder, env: process.env });
  const shared = { copies: Number(copies), updateMethod: config.feed_update_method };
  const model = await withCopies(await start(), start, shared);
  const begun = performance.now();
  const begunCpu = process.cpuUsage();
  const models = await askedModels(config, [], [model]);
  const { predicted } = await runBacktest({ config, configHash: 'bench', models, records: recordsOf(config) });
  const backtest = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(begunCpu);
  await model.process.close();
  const loop = (before + bare()) / 2;
  const rounded = (value: number): number => Number(value.toFixed(2));
  process.stdout.write(
    `${JSON.stringify({ days: Number(days), passes: Number(passes), copies: Number(copies), rounds: predicted.length, bare_seconds: rounded(loop), backtest_seconds: rounded(backtest), ratio: rounded(backtest / loop), engine_cpu_seconds: rounded((user + system) / 1e6) })}\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
