/** Commands of the archives: of feeds, and of streams. Each is imported when it is asked for: a list of options needs no database client. */
import type { Command } from 'commander';
import { names, time } from '../backfill/times.ts';
import { positiveNumber } from '../up/options.ts';
import { configModule, dataDir, json } from './options.ts';

export function addArchiving(program: Command): void {
  const backfill = program
    .command('backfill')
    .enablePositionalOptions()
    .description('fetch the past of feeds into the archive; Ctrl-C leaves the job as it is')
    .option('--source <provider>', 'default: that of the configured feed, as with the next three')
    .option('--subject <names>', 'separated by commas', names)
    .option('--kind <kind>')
    .option('--granularity <length>')
    .option('--from <time>', 'UTC, a day or a time: 2024-01-31, 2024-01-31T12:00:00Z', time)
    .option('--to <time>', 'as part of the range; default now', time)
    .option('--page-size <records>', 'asked of the provider at a time', positiveNumber)
    .option('--detach', 'print the ids of the jobs and leave', false)
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (options) => (await import('../commands/backfill.ts')).runBackfill(options));

  backfill
    .command('list')
    .description('the newest jobs')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/backfill.ts')).runBackfillList(options));

  backfill
    .command('follow')
    .description('show how a job goes; where no service runs it, this command does')
    .argument('<job>')
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (job, options) => (await import('../commands/backfill.ts')).runBackfillFollow(job, options));

  backfill
    .command('cancel')
    .description('end a job; what it has written stays')
    .argument('<job>')
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (job, options) => (await import('../commands/backfill.ts')).runBackfillCancel(job, options));

  backfill
    .command('retry')
    .description('take a failed or cancelled job up where it stopped')
    .argument('<job>')
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (job, options) => (await import('../commands/backfill.ts')).runBackfillRetry(job, options));

  const archive = program.command('archive').description('streams as Parquet files with a hash chain');

  archive
    .command('export')
    .description('add what is new in the streams to an archive')
    .argument('[streams...]', 'FEEDS, SCORES, …; all of them unless named')
    .requiredOption('--to <folder>', 'of the archive')
    .addOption(json())
    .addOption(dataDir())
    .action(async (streams, options) => (await import('../commands/archive.ts')).runArchiveExport(streams, options));

  archive
    .command('verify')
    .description('read a whole archive and compare it with its chain')
    .argument('<folder>', 'of the archive')
    .option('--head <hash>', 'as it was printed when it was exported')
    .addOption(json())
    .action(async (folder, options) => (await import('../commands/archive.ts')).runArchiveVerify(folder, options));

  archive
    .command('seed')
    .description('fill the streams of an empty environment with an archive')
    .requiredOption('--from <folder>', 'of the archive')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/archive.ts')).runArchiveSeed(options));
}
