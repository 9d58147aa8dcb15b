/** Commands that recompute or rebuild from the log, and those for dead letters. Each is imported when it runs: printing help needs no database client. */
import { type Command, Option } from 'commander';
import { DAY_SECONDS, keepSeconds } from '../duration.ts';
import { instant } from '../time-option.ts';
import { portNumber } from '../up/options.ts';
import { configModule, dataDir, feedOptions, json, logLevel } from './options.ts';

export function addReplaying(program: Command): void {
  const recomputable = ['feeds', 'predictions', 'scores', 'snapshots'];

  feedOptions(
    program.command('verify').description('Recompute every event from the log and compare it with the recorded one'),
  )
    .addOption(
      new Option('--from <stream>', 'Stream to start from; its events are taken as recorded')
        .choices(recomputable)
        .default('feeds'),
    )
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (options) => (await import('../commands/verify.ts')).runVerify(options));

  program
    .command('whatif')
    .description('Compute the leaderboard under another configuration from the same predictions')
    .requiredOption('--config <module>', 'The other configuration (path or package, #export)')
    .option('--from <time>', 'Apply it to cycles that end later; earlier ones count as published', instant)
    .option('--to <time>', 'Last cycle to include (default: the newest)', instant)
    .option('--serve', 'Serve its reports beside the published ones, from private servers', false)
    .option('--port <number>', 'Port of that API (0 = any free port)', portNumber, 0)
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/whatif.ts')).runWhatIf(options));

  feedOptions(
    program
      .command('replay')
      .description('Rebuild read models from the log beside the served ones, compare, then switch')
      .argument('[projection...]', 'Projections: feeds, scores, … (default: all)'),
  )
    .addOption(
      new Option(
        '--from <stream>',
        'Recompute everything downstream of a stream instead, publishing nothing (see verify)',
      )
        .choices(recomputable)
        .conflicts(['accept', 'rollback', 'drop', 'list']),
    )
    .addOption(new Option('--accept', 'Switch even if rows differ that should not').conflicts(['rollback', 'drop']))
    .addOption(
      new Option('--keep <duration>', 'How long the replaced version is kept for --rollback: 30m, 12h, 7d, 0, forever')
        .argParser(keepSeconds)
        .default(DAY_SECONDS, '24h'),
    )
    .addOption(new Option('--rollback', 'Switch back to the replaced version').conflicts(['drop', 'list']))
    .addOption(new Option('--drop', 'Drop replaced and unfinished versions').conflicts(['list']))
    .option('--list', 'List served, unfinished and kept versions')
    .addOption(json())
    .addOption(dataDir())
    .addOption(logLevel('warn'))
    .addOption(configModule())
    .action(async (only, options) =>
      options.from === undefined
        ? (await import('../commands/replay.ts')).runReplay(only, options)
        : (await import('../commands/verify.ts')).runVerify(options),
    );

  const deadletters = program.command('deadletters').description('List and settle messages that could not be read');
  const letter = (command: string, description: string) => deadletters.command(command).description(description);

  letter('list', 'List open dead letters')
    .option('--all', 'Include settled ones', false)
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/deadletters.ts')).runList(options));

  letter('show <id>', 'Show one in full, payload included')
    .addOption(json())
    .addOption(dataDir())
    .action(async (id, options) => (await import('../commands/deadletters.ts')).runShow(id, options));

  letter('redrive <id>', 'Redrive one: append a corrected message, or read the recorded one in place')
    .option('--payload <file>', 'Corrected message (without it, this version must be able to read the recorded one)')
    .addOption(dataDir())
    .action(async (id, options) => (await import('../commands/deadletters.ts')).runRedrive(id, options));

  letter('discard <id>', 'Mark a dead letter as discarded')
    .requiredOption('--reason <text>', 'Why it is discarded, recorded with it')
    .addOption(dataDir())
    .action(async (id, options) => (await import('../commands/deadletters.ts')).runDiscard(id, options));
}
