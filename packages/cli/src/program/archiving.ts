/** Commands of the two archives, feeds and streams. Each is imported when it runs: printing help needs no database client. */
import type { Command } from 'commander';
import { day, names, time } from '../backfill/times.ts';
import { positiveNumber } from '../up/options.ts';
import { configModule, dataDir, json } from './options.ts';

export function addArchiving(program: Command): void {
  const backfill = program
    .command('backfill')
    .enablePositionalOptions()
    .description('Fetch past feed records into the archive (Ctrl-C detaches, the job goes on)')
    .option('--source <provider>', 'Provider (default: the configured feed, as for the next three)')
    .option('--subject <names>', 'Subjects, separated by commas', names)
    .option('--kind <kind>', 'Kind of record')
    .option('--granularity <length>', 'Granularity, such as 1m')
    .option('--from <time>', 'Start, UTC, a day or a time: 2024-01-31, 2024-01-31T12:00:00Z', time)
    .option('--to <time>', 'End, not included (default: now)', time)
    .option('--page-size <records>', 'Records per request to the provider', positiveNumber)
    .option('--detach', 'Print the job ids and exit; the jobs go on', false)
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (options) => (await import('../commands/backfill.ts')).runBackfill(options));

  backfill
    .command('list')
    .description('List the newest jobs')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/backfill.ts')).runBackfillList(options));

  backfill
    .command('follow')
    .description('Show the progress of a job; run it here if no service does')
    .argument('<job>')
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (job, options) => (await import('../commands/backfill.ts')).runBackfillFollow(job, options));

  backfill
    .command('cancel')
    .description('Cancel a job and keep the records it has written')
    .argument('<job>')
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (job, options) => (await import('../commands/backfill.ts')).runBackfillCancel(job, options));

  backfill
    .command('retry')
    .description('Resume a failed or cancelled job where it stopped')
    .argument('<job>')
    .addOption(json())
    .addOption(dataDir())
    .addOption(configModule())
    .action(async (job, options) => (await import('../commands/backfill.ts')).runBackfillRetry(job, options));

  const archive = program
    .command('archive')
    .description('Export, verify and restore streams as Parquet files with a hash chain');

  archive
    .command('export')
    .description('Export new events to an archive')
    .argument('[streams...]', 'Streams to export: FEEDS, SCORES, … (default: all)')
    .requiredOption('--to <folder>', 'Archive folder')
    .addOption(json())
    .addOption(dataDir())
    .action(async (streams, options) => (await import('../commands/archive.ts')).runArchiveExport(streams, options));

  archive
    .command('tables')
    .description('Write predictions, scores and leaderboards as flat Parquet files, one a table and day')
    .requiredOption('--to <folder>', 'Folder of the files: <table>/<day>.parquet')
    .option('--since <day>', 'First day, UTC (default: all; files that are there are replaced)', day)
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/tables.ts')).runArchiveTables(options));

  archive
    .command('verify')
    .description('Read a whole archive and check its hash chain')
    .argument('<folder>', 'Archive folder')
    .option('--head <hash>', 'Expected head of the chain, as the export printed it')
    .addOption(json())
    .action(async (folder, options) => (await import('../commands/archive.ts')).runArchiveVerify(folder, options));

  archive
    .command('seed')
    .description('Restore the streams of an empty environment from an archive')
    .requiredOption('--from <folder>', 'Archive folder')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/archive.ts')).runArchiveSeed(options));
}
