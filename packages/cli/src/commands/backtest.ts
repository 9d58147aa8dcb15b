import { writeFile } from 'node:fs/promises';
import {
  type BacktestRun,
  chartOf,
  checkModels,
  findingText,
  guidanceOf,
  htmlOf,
  type Report,
  reportOf,
  rowsOf,
  runBacktest,
  tablesOf,
  writeParquet,
} from '@crunch-node/backtest';
import { millisOf } from '@crunch-node/streams';
import { type History, openHistory } from '../backtest/history.ts';
import { journalOf } from '../backtest/journal.ts';
import { standingText } from '../backtest/leaderboard.ts';
import { type ModelsOptions, openModels } from '../backtest/models.ts';
import type { BacktestCommand } from '../backtest/options.ts';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen, type Screen } from '../screen.ts';
import { duration } from '../show/duration.ts';
import { count, table } from '../show/text.ts';
import { configurationOf } from '../up/configuration.ts';
import { checkedOptions, UsageError } from '../up/options.ts';

/** Runs models over history with the functions of production, and shows how they did. */
export async function runBacktestCommand(models: readonly string[], options: BacktestCommand): Promise<void> {
  const { from, to, bridge, against } = options;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UsageError(`expected --from to be before --to, received ${from} and ${to}`);
  }
  if (models.length === 0 && bridge === undefined && !against.includes('examples')) {
    throw new UsageError('expected the file of a model, or --against examples');
  }
  if (against.includes('leaderboard') && options.url === undefined && options.archive === undefined) {
    throw new UsageError('--against leaderboard needs --url, the address of the report API');
  }
  // With a model on the other side of standard output, results go where a person looks.
  const screen = createScreen(bridge === undefined ? process.stdout : process.stderr);
  const loaded = await configurationOf(
    checkedOptions({ ...options, once: false, logLevel: 'warn' }),
    process.env,
    process.cwd(),
  );
  for (const warning of loaded.warnings) screen.print(`warning: ${warning}`);
  await runUntilStopped(screen, async (closers, signal) => {
    let rejected = 0;
    const reports = { rejected: () => void rejected++, notice: () => undefined };
    const history = await openHistory(loaded, options, reports, screen, signal);
    const { config } = history;
    const modelsOf: ModelsOptions = {
      config,
      withExamples: against.includes('examples'),
      jobs: options.jobs,
      ...(options.python !== undefined && { python: options.python }),
      ...(bridge !== undefined && { bridge }),
    };
    const opened = await openModels(models, modelsOf);
    closers.push('models', () => opened.close());
    const settings = { config, configHash: loaded.hash, signal };
    const journal = await journalOf(models, options, loaded, config);
    if (journal !== undefined && journal.at !== null) {
      screen.print(
        `resuming at ${journal.at.slice(0, 16)} with the answers of a run that was stopped (--no-resume: start over)`,
      );
    }
    const startedAt = performance.now();
    const run = await runBacktest({
      ...settings,
      models: opened,
      records: history.records(),
      reports,
      ...(journal && { journal }),
      onProgress: progress(screen, { ...history, days: options.days }, startedAt),
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    const findings =
      options.checks && models.length + Number(bridge !== undefined) > 0
        ? await checkModels({
            ...settings,
            run,
            ...(opened.copies && { copies: opened.copies }),
            // Those of the repository are known.
            fresh: () => openModels(models, { ...modelsOf, withExamples: false, jobs: 1 }),
            close: (again) => again.close(),
          })
        : [];
    const warnings = findings.map(findingText);
    if (rejected > 0) warnings.push(`${count(rejected)} rows of the data were no records and are left out`);
    const report = reportOf(run, {
      config,
      folds: options.folds,
      warnings,
      ...(options.split !== undefined && { split: options.split }),
    });
    await show(report, run, seconds, options, screen);
  });
}

/** How far it is by the time of the records: up to `to`, or as many days as are wanted. */
function progress(
  screen: Screen,
  { from, to, days }: Pick<History, 'from' | 'to'> & { readonly days: number | undefined },
  startedAt: number,
) {
  const bar = screen.progress('{at}  {rate} records a second  {left}');
  let begin: number | undefined;
  return ({ at, records }: { readonly at: string; readonly records: number }): void => {
    begin ??= from === null ? millisOf(at) : millisOf(from);
    const seconds = (performance.now() - startedAt) / 1_000;
    const done = millisOf(at) - begin;
    const total = to === null ? (days ?? 0) * 86_400_000 : millisOf(to) - begin;
    const left = total > 0 && done > 0 ? `${duration((seconds * (total - done)) / done)} left` : '';
    bar.update(done, total, { at: at.slice(0, 16), rate: count(records / seconds), left });
    if (total > 0 && done >= total) bar.end();
  };
}

async function show(report: Report, run: BacktestRun, seconds: number, options: BacktestCommand, screen: Screen) {
  const { html, json, parquet, rows: lines, against, url = options.archive, key } = options;
  if (typeof json === 'string') await writeFile(json, `${JSON.stringify(report)}\n`);
  if (html !== undefined) await writeFile(html, htmlOf(report));
  if (parquet !== undefined) await writeParquet(parquet, rowsOf(run.scored));
  if (lines !== undefined) {
    await writeFile(
      lines,
      rowsOf(run.scored)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
  }
  for (const warning of report.warnings) screen.print(`warning: ${warning}`);
  if (json === true) return screen.result(JSON.stringify(report));
  for (const { title, columns, rows } of tablesOf(report)) {
    const aligned = columns.map((name, i) => ({
      title: name,
      align: i === 1 ? ('left' as const) : ('right' as const),
    }));
    screen.result(`\n${title}\n${table(aligned, rows)}`);
  }
  screen.result(`\nSum of scores\n${chartOf(report)}`);
  const guidance = guidanceOf(report);
  if (guidance.length > 0) screen.result(`\nDiversity\n${guidance.map((line) => `  ${line}`).join('\n')}`);
  if (against.includes('leaderboard') && url !== undefined) screen.result(`\n${await standingText(report, url, key)}`);
  const written = [html, parquet, typeof json === 'string' ? json : undefined].filter((path) => path !== undefined);
  const where = written.length === 0 ? '' : `; written to ${written.join(', ')}`;
  screen.result(
    `\n${count(report.records)} records, ${count(report.rounds)} rounds in ${duration(seconds)}: ${count(report.records / seconds)} records a second${where}`,
  );
}
