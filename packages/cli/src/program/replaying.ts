/** Commands that say again what is in the log, or settle what could not be read. Each is imported when it is asked for: a list of options needs no database client. */
import { type Command, Option } from 'commander';
import { DAY_SECONDS, keepSeconds } from '../duration.ts';
import { instant } from '../time-option.ts';
import { portNumber } from '../up/options.ts';
import { configModule, dataDir, feedOptions, json, logLevel } from './options.ts';

export function addReplaying(program: Command): void {
  const recomputable = ['feeds', 'predictions', 'scores', 'snapshots'];

  feedOptions(
    program.command('verify').description('say everything anew from the log, and compare it with what is recorded'),
  )
    .addOption(new Option('--from <stream>', 'what is taken as it is recorded').choices(recomputable).default('feeds'))
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (options) => (await import('../commands/verify.ts')).runVerify(options));

  program
    .command('whatif')
    .description('the leaderboard another configuration would have made of the same predictions')
    .requiredOption('--config <module>', 'the other configuration (path or package, #export)')
    .option('--from <time>', 'it holds for cycles that end later; before, what was published counts', instant)
    .option('--to <time>', 'last cycle to look at; default the newest', instant)
    .option('--serve', 'serve its reports beside the published ones, from servers of its own', false)
    .option('--port <number>', 'of that API; 0 for any free one', portNumber, 0)
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/whatif.ts')).runWhatIf(options));

  feedOptions(
    program
      .command('replay')
      .description('build read models anew from the log beside the ones that are read, compare them, switch to them')
      .argument('[projection...]', 'feeds, scores, …; default all'),
  )
    .addOption(
      new Option('--from <stream>', 'say everything behind a stream anew instead, publishing nothing: as verify does')
        .choices(recomputable)
        .conflicts(['accept', 'rollback', 'drop', 'list']),
    )
    .addOption(new Option('--accept', 'switch also where rows differ that should not').conflicts(['rollback', 'drop']))
    .addOption(
      new Option('--keep <duration>', 'how long what is replaced can be gone back to: 30m, 12h, 7d, 0, forever')
        .argParser(keepSeconds)
        .default(DAY_SECONDS, '24h'),
    )
    .addOption(new Option('--rollback', 'go back to what was replaced').conflicts(['drop', 'list']))
    .addOption(new Option('--drop', 'drop what was replaced, or half built').conflicts(['list']))
    .option('--list', 'show what is read, built and kept')
    .addOption(json())
    .addOption(dataDir())
    .addOption(logLevel('warn'))
    .addOption(configModule())
    .action(async (only, options) =>
      options.from === undefined
        ? (await import('../commands/replay.ts')).runReplay(only, options)
        : (await import('../commands/verify.ts')).runVerify(options),
    );

  const deadletters = program.command('deadletters').description('messages nobody could read, and what became of them');
  const letter = (command: string, description: string) => deadletters.command(command).description(description);

  letter('list', 'those nobody did anything about')
    .option('--all', 'also the settled ones', false)
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/deadletters.ts')).runList(options));

  letter('show <id>', 'everything known of one, its bytes included')
    .addOption(json())
    .addOption(dataDir())
    .action(async (id, options) => (await import('../commands/deadletters.ts')).runShow(id, options));

  letter('redrive <id>', 'have it read after all: corrected at the end of its stream, or where it stands')
    .option('--payload <file>', 'the corrected message; without it, this version must be able to read the old one')
    .addOption(dataDir())
    .action(async (id, options) => (await import('../commands/deadletters.ts')).runRedrive(id, options));

  letter('discard <id>', 'say that it says nothing')
    .requiredOption('--reason <text>', 'why, for those who come after')
    .addOption(dataDir())
    .action(async (id, options) => (await import('../commands/deadletters.ts')).runDiscard(id, options));
}
