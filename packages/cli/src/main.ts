import { Command, Option } from 'commander';
import { names, time } from './backfill/times.ts';
import { DAY_SECONDS, keepSeconds } from './duration.ts';
import { instant } from './time-option.ts';
import { demoPacks, feeds, portNumber, positiveNumber, replicas, speed } from './up/options.ts';
import { DEFAULT_DATA_DIR, version } from './version.ts';

const dataDir = () =>
  new Option('--data-dir <folder>', 'where the private servers keep their files').default(DEFAULT_DATA_DIR);
const configModule = () => new Option('--config <module>', 'configuration module (path or package, #export)');
const logLevel = (level: string) =>
  new Option('--log-level <level>')
    .env('LOG_LEVEL')
    .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default(level);
const json = () => new Option('--json', 'print JSON');

// Commands are imported when they are asked for: a list of options needs no database client.
const program = new Command('crunch-node')
  .description('Runs prediction competitions: feeds in, models asked, predictions scored, rewards decided.')
  // What follows a command belongs to it, and not to a command around it.
  .enablePositionalOptions()
  .version(version());

program
  .command('up')
  .description('run everything in one process')
  .option('--demo', 'with example models and a configuration for them', false)
  .addOption(new Option('--pack <name>', 'what the demo is about (realtime)').choices([...demoPacks]))
  .addOption(new Option('--feed <provider>', 'where records come from').choices([...feeds]))
  .option('--data <path...>', 'files or folders to replay (.csv, .csv.gz, .parquet)')
  .option('--days <number>', 'how much of a replayed or synthetic feed', positiveNumber)
  .option('--speed <factor>', 'of a replay: max, or times real time', speed)
  .option('--seed <text>', 'of the synthetic feed')
  .option('--once', 'end when history has been worked off', false)
  .option('--port <number>', 'of the API; 0 for any free one', portNumber)
  .option(
    '--data-dir <folder>',
    `where private servers keep their files (${DEFAULT_DATA_DIR}; with --demo a temporary one)`,
  )
  .addOption(configModule())
  .addOption(logLevel('warn'))
  .action(async (options) => (await import('./up/run-up.ts')).runUp(options));

const recomputable = ['feeds', 'predictions', 'scores', 'snapshots'];
const feedOptions = (command: Command): Command =>
  command
    .option('--demo', 'with the configuration of the demo', false)
    .addOption(new Option('--pack <name>', 'what the demo is about (realtime)').choices([...demoPacks]))
    .addOption(new Option('--feed <provider>', 'where records come from').choices([...feeds]))
    .option('--data <path...>', 'files or folders to replay (.csv, .csv.gz, .parquet)')
    .option('--days <number>', 'how much of a replayed or synthetic feed', positiveNumber)
    .option('--speed <factor>', 'of a replay: max, or times real time', speed)
    .option('--seed <text>', 'of the synthetic feed');

feedOptions(
  program
    .command('serve')
    .description('run services in a process of their own, beside others of the same deployment')
    .argument('<service...>', 'ingest, predict, score, ensemble, snapshot, rank, checkpoint, project, report'),
)
  .option('--port <number>', 'of /healthz, /readyz and /metrics; default SERVICE_PORT, else any free one', portNumber)
  .addOption(dataDir())
  .addOption(configModule())
  .addOption(logLevel('info'))
  .action(async (services, options) => (await import('./serve/run-serve.ts')).runServe(services, options));

feedOptions(program.command('cluster').description('run every service as a process of its own on this machine'))
  .option('--predict <number>', 'processes', replicas, 1)
  .option('--score <number>', 'processes', replicas, 1)
  .option('--project <number>', 'processes', replicas, 1)
  .option('--once', 'end when history has been worked off', false)
  .option('--no-restart', 'leave a process that has ended alone')
  .option('--port <number>', 'of the API; 0 for any free one', portNumber)
  .addOption(dataDir())
  .addOption(configModule())
  .addOption(logLevel('warn'))
  .action(async (options) => (await import('./cluster/run-cluster.ts')).runCluster(options));

program
  .command('activate')
  .description('make the configuration found here the active one')
  .addOption(configModule())
  .addOption(dataDir())
  .action(async (options) => (await import('./commands/activate.ts')).runActivate(options));

program
  .command('config')
  .description('print the effective configuration, secrets masked')
  .addOption(configModule())
  .action(async (options) => (await import('./commands/config.ts')).runConfig(options));

program
  .command('project')
  .description('run projections alone')
  .option('--only <names>', 'separated by commas: feeds, scores, …', (text) =>
    text.split(',').map((name) => name.trim()),
  )
  .addOption(dataDir())
  .addOption(logLevel('info'))
  .action(async (options) => (await import('./commands/project.ts')).runProject(options));

program
  .command('report')
  .description('serve the API alone')
  .option('--port <number>', '0 for any free one; default REPORT_API_PORT, else 8000', portNumber)
  .addOption(configModule())
  .addOption(dataDir())
  .addOption(logLevel('info'))
  .action(async (options) => (await import('./commands/report.ts')).runReport(options));

feedOptions(
  program.command('verify').description('say everything anew from the log, and compare it with what is recorded'),
)
  .addOption(new Option('--from <stream>', 'what is taken as it is recorded').choices(recomputable).default('feeds'))
  .addOption(json())
  .addOption(dataDir())
  .addOption(configModule())
  .action(async (options) => (await import('./commands/verify.ts')).runVerify(options));

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
  .action(async (options) => (await import('./commands/whatif.ts')).runWhatIf(options));

program
  .command('digest')
  .description('hash the tables, or the streams, so that runs can be compared')
  .addOption(new Option('--streams', 'of what was said').conflicts('all'))
  .option('--all', 'of the tables with the columns that hold what was measured')
  .addOption(json())
  .addOption(dataDir())
  .action(async (options) => (await import('./commands/digest.ts')).runDigest(options));

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
      ? (await import('./commands/replay.ts')).runReplay(only, options)
      : (await import('./commands/verify.ts')).runVerify(options),
  );

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
  .action(async (options) => (await import('./commands/backfill.ts')).runBackfill(options));

backfill
  .command('list')
  .description('the newest jobs')
  .addOption(json())
  .addOption(dataDir())
  .action(async (options) => (await import('./commands/backfill.ts')).runBackfillList(options));

backfill
  .command('follow')
  .description('show how a job goes; where no service runs it, this command does')
  .argument('<job>')
  .addOption(json())
  .addOption(dataDir())
  .addOption(configModule())
  .action(async (job, options) => (await import('./commands/backfill.ts')).runBackfillFollow(job, options));

backfill
  .command('cancel')
  .description('end a job; what it has written stays')
  .argument('<job>')
  .addOption(dataDir())
  .addOption(configModule())
  .action(async (job, options) => (await import('./commands/backfill.ts')).runBackfillCancel(job, options));

backfill
  .command('retry')
  .description('take a failed or cancelled job up where it stopped')
  .argument('<job>')
  .addOption(json())
  .addOption(dataDir())
  .addOption(configModule())
  .action(async (job, options) => (await import('./commands/backfill.ts')).runBackfillRetry(job, options));

program
  .command('status')
  .description('who owns what, how far it has come, and whether it moves')
  .option('--check', 'end with code 1 when something is frozen, has no owner, or Postgres cannot be asked')
  .option('--over <seconds>', 'between two looks', positiveNumber, 2.5)
  .option('--frozen-after <seconds>', 'of standing still with work waiting', positiveNumber, 15)
  .addOption(json())
  .addOption(dataDir())
  .action(async (options) => (await import('./commands/status.ts')).runStatus(options));

const deadletters = program.command('deadletters').description('messages nobody could read, and what became of them');
const letter = (command: string, description: string) => deadletters.command(command).description(description);

letter('list', 'those nobody did anything about')
  .option('--all', 'also the settled ones', false)
  .addOption(json())
  .addOption(dataDir())
  .action(async (options) => (await import('./commands/deadletters.ts')).runList(options));

letter('show <id>', 'everything known of one, its bytes included')
  .addOption(json())
  .addOption(dataDir())
  .action(async (id, options) => (await import('./commands/deadletters.ts')).runShow(id, options));

letter('redrive <id>', 'have it read after all: corrected at the end of its stream, or where it stands')
  .option('--payload <file>', 'the corrected message; without it, this version must be able to read the old one')
  .addOption(dataDir())
  .action(async (id, options) => (await import('./commands/deadletters.ts')).runRedrive(id, options));

letter('discard <id>', 'say that it says nothing')
  .requiredOption('--reason <text>', 'why, for those who come after')
  .addOption(dataDir())
  .action(async (id, options) => (await import('./commands/deadletters.ts')).runDiscard(id, options));

program
  .command('doctor')
  .description('check what a start depends on')
  .addOption(json())
  .addOption(dataDir())
  .action(async (options) => (await import('./commands/doctor.ts')).runDoctor(options));

const archive = program.command('archive').description('streams as Parquet files with a hash chain');

archive
  .command('export')
  .description('add what is new in the streams to an archive')
  .argument('[streams...]', 'FEEDS, SCORES, …; all of them unless named')
  .requiredOption('--to <folder>', 'of the archive')
  .addOption(json())
  .addOption(dataDir())
  .action(async (streams, options) => (await import('./commands/archive.ts')).runArchiveExport(streams, options));

archive
  .command('verify')
  .description('read a whole archive and compare it with its chain')
  .argument('<folder>', 'of the archive')
  .option('--head <hash>', 'as it was printed when it was exported')
  .addOption(json())
  .action(async (folder, options) => (await import('./commands/archive.ts')).runArchiveVerify(folder, options));

archive
  .command('seed')
  .description('fill the streams of an empty environment with an archive')
  .requiredOption('--from <folder>', 'of the archive')
  .addOption(json())
  .addOption(dataDir())
  .action(async (options) => (await import('./commands/archive.ts')).runArchiveSeed(options));

program
  .command('merkle')
  .description('evidence that nobody has changed what was said')
  .command('verify')
  .description('recompute the evidence for a snapshot from what a report API publishes')
  .requiredOption('--url <address>', 'of the report API')
  .requiredOption('--snapshot-id <id>', 'as /reports/snapshots names it')
  .option('--full', 'follow the chain back to the first cycle')
  .option('--root <hash>', 'root of its checkpoint, known from elsewhere')
  .option('--key <key>', 'where the API asks for one')
  .addOption(json())
  .action(async (options) => (await import('./commands/merkle.ts')).runMerkleVerify(options));

try {
  await program.parseAsync();
} catch (error) {
  // Our errors say what was expected and what to do; a stack is for what nobody expected.
  const unexpected = !(error instanceof Error) || ['Error', 'TypeError', 'ReferenceError'].includes(error.name);
  process.stderr.write(`crunch-node: ${unexpected ? ((error as Error).stack ?? error) : error.message}\n`);
  process.exitCode = 1;
}
