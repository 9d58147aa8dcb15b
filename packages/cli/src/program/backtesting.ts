/** The command for participants. It is imported when it runs: printing help needs no database client. */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { folds, jobs, split } from '../backtest/options.ts';
import { instant } from '../time-option.ts';
import { configModule, feedOptions } from './options.ts';

export function addBacktesting(program: Command): void {
  feedOptions(
    program
      .command('backtest')
      .description('Run models over history with the functions of production, and show how they do')
      .argument('[model...]', 'Files of models: .ts, .js or .py, #export behind it'),
  )
    .addOption(configModule())
    .option('--from <time>', 'First record', instant)
    .option('--to <time>', 'Behind the last record', instant)
    .option('--archive <url>', 'Take the history from the archive of a report API')
    .option('--cache <folder>', 'Folder for files of the archive (default: .cache/backtest)')
    .addOption(
      new Option('--against <who...>', 'Compare with the example models, or with a leaderboard')
        .choices(['examples', 'leaderboard'])
        .default([]),
    )
    .option('--url <url>', 'Report API with the leaderboard (default: that of the archive)')
    .option('--key <key>', 'API key, if the API requires one')
    .option('--split <time>', 'Where out of sample begins: a time, or a share (default: 0.7)', split)
    .option('--folds <number>', 'Stretches that are looked at one by one', folds, 4)
    .addOption(
      new Option(
        '--jobs <number>',
        'Threads for models in TypeScript and copies of stateless models; a Python model has a process of its own',
      )
        .argParser(jobs)
        .default(availableParallelism(), 'number of processors'),
    )
    .option('--no-resume', 'Start over where an earlier run of the same was stopped')
    .option('--no-checks', 'Do not ask again to find models that look ahead or are not deterministic')
    .option('--html <file>', 'Write a report as one page')
    .option('--json [file]', 'Print JSON, or write it')
    .option('--parquet <file>', 'Write predictions and scores')
    .option('--rows <file>', 'Write them as JSON, one a line')
    .option('--python <path>', 'Python interpreter (default: CRUNCH_PYTHON, else PYTHON, else python3)')
    .addOption(new Option('--bridge [name]', 'Ask a model over standard input and output').hideHelp())
    .action(async (models, options) => {
      const { bridge } = options;
      const given = { ...options, ...(bridge !== undefined && { bridge: bridge === true ? 'model' : bridge }) };
      return (await import('../commands/backtest.ts')).runBacktestCommand(models, given);
    });
}
