import { ConfigError } from '@crunch-node/config';
import { Command, Option } from 'commander';
import { runActivate } from './commands/activate.ts';
import { runConfig } from './commands/config.ts';
import { runDigest } from './commands/digest.ts';
import { runDoctor } from './commands/doctor.ts';
import { runStatus } from './commands/status.ts';
import { DEFAULT_DATA_DIR, version } from './environment.ts';
import { feeds, portNumber, positiveNumber, speed } from './up/options.ts';
import { runUp } from './up/run-up.ts';

const dataDir = () =>
  new Option('--data-dir <folder>', 'where the private servers keep their files').default(DEFAULT_DATA_DIR);
const configModule = () => new Option('--config <module>', 'configuration module (path or package, #export)');
const json = () => new Option('--json', 'print JSON');

const program = new Command('crunch-node')
  .description('Runs prediction competitions: feeds in, models asked, predictions scored, rewards decided.')
  .version(version())
  .showHelpAfterError('(crunch-node <command> --help lists the options)');

program
  .command('up')
  .description('run everything in one process')
  .option('--demo', 'with example models and a configuration for them', false)
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
  .addOption(
    new Option('--log-level <level>').choices(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  )
  .action(runUp);

program
  .command('activate')
  .description('make the configuration found here the active one')
  .addOption(configModule())
  .addOption(dataDir())
  .action(runActivate);

program
  .command('config')
  .description('print the effective configuration, secrets masked')
  .addOption(configModule())
  .action(runConfig);

program
  .command('digest')
  .description('hash the tables, or the streams, so that runs can be compared')
  .addOption(new Option('--streams', 'of what was said').conflicts('all'))
  .option('--all', 'of the tables with the columns that hold what was measured')
  .addOption(json())
  .addOption(dataDir())
  .action(runDigest);

program
  .command('status')
  .description('messages of each stream, lag of each projection, holders of leases')
  .addOption(json())
  .addOption(dataDir())
  .action(runStatus);

program
  .command('doctor')
  .description('check what a start depends on')
  .addOption(json())
  .addOption(dataDir())
  .action(runDoctor);

try {
  await program.parseAsync();
} catch (error) {
  // Our errors say what was expected and what to do; a stack is for what nobody expected.
  const known = error instanceof Error && (error instanceof ConfigError || error.name !== 'Error');
  const unexpected = error instanceof TypeError || error instanceof ReferenceError || !known;
  process.stderr.write(`crunch-node: ${unexpected ? ((error as Error).stack ?? error) : (error as Error).message}\n`);
  process.exitCode = 1;
}
