import {
  assertRecorded,
  isProven,
  type RecomputeFrom,
  recomputeLog,
  recordedConfigurations,
  recordedEnsembles,
  underAnother,
} from '@crunch-node/operations/recompute';
import type { StreamComparison } from '@crunch-node/stages';
import { type Closing, feeds } from '@crunch-node/streams';
import { withDeployment } from '../deployment.ts';
import { differencesText } from '../show/differences.ts';
import { count, table } from '../show/text.ts';
import { configurationOf, demoOptionsOf } from '../up/configuration.ts';
import type { UpOptions } from '../up/options.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';

export interface VerifyOptions extends UpOptions {
  readonly from: RecomputeFrom;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** Verifies the log: recomputes it with the present code and compares. Exit code 1 when it differs. */
export async function runVerify(options: VerifyOptions): Promise<void> {
  const { from, json } = options;
  const loaded = await configurationOf(options, process.env, process.cwd());
  await withDeployment(options.dataDir, async ({ screen, log: open }) => {
    const log = await open();
    const recorded = await recordedConfigurations(log);
    const { data } = await assertRecorded(recorded, loaded, async (running) => {
      const named = await demoOptionsOf(running, process.env, process.cwd());
      const where = options.dataDir === DEFAULT_DATA_DIR ? '' : ` --data-dir ${options.dataDir}`;
      return named === null ? null : `crunch-node verify ${named}${where}`;
    });
    const { configured } = await recordedEnsembles(log);
    const end = ((await log.last(feeds, feeds.closingSubject()))?.event as Closing | undefined)?.at;
    const bar = screen.progress('{cycle}  {rate} events/s');
    const startedAt = performance.now();
    let [events, newest, begin] = [0, '', Number.NaN];
    const comparisons = await recomputeLog(log, {
      config: loaded.config,
      from,
      pace: data.pace,
      signal: new AbortController().signal,
      isPast: underAnother(data.config_hash, configured),
      onRecomputed(_, cycle, recomputed) {
        events += recomputed.length;
        if (cycle.end <= newest) return;
        newest = cycle.end;
        const [done, total] = [Date.parse(newest), Date.parse(end ?? newest)];
        if (Number.isNaN(begin)) begin = done - 1;
        const rate = Math.round((events * 1000) / (performance.now() - startedAt));
        bar.update(done - begin, total - begin, { cycle: newest.slice(0, 16), rate: count(rate) });
      },
    });
    bar.end();
    if (json) screen.result(JSON.stringify({ proven: isProven(comparisons), from, streams: comparisons }));
    else screen.result(verdictText(comparisons, from));
    if (!isProven(comparisons)) process.exitCode = 1;
  });
}

function verdictText(comparisons: readonly StreamComparison[], from: RecomputeFrom): string {
  const skipped = comparisons.some((comparison) => comparison.skipped > 0);
  const unsaid = comparisons.some((comparison) => comparison.to_come > 0);
  const rows = comparisons.map(({ stream, cycles, skipped: left, to_come, events, differences }) => [
    stream,
    count(cycles),
    ...(skipped ? [count(left)] : []),
    ...(unsaid ? [count(to_come)] : []),
    count(events),
    count(differences),
  ]);
  const columns = ['cycles', ...(skipped ? ['left out'] : []), ...(unsaid ? ['to come'] : []), 'events', 'differences'];
  const lines = [
    table([{ title: 'stream' }, ...columns.map((title) => ({ title, align: 'right' as const }))], rows),
    '',
    isProven(comparisons)
      ? `  every event ${unsaid ? 'there is ' : ''}equals the one recomputed from ${from} on`
      : '  recorded events differ from the recomputed ones:',
    ...comparisons.flatMap(differencesText),
  ];
  if (skipped) lines.push('  (left out: cycles that closed under another configuration)');
  if (unsaid)
    lines.push('  (to come: cycles its stage has not closed yet; crunch-node status shows how far each has come)');
  return lines.join('\n');
}
