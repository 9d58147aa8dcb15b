import { type Command, Option } from 'commander';
import { demoPacks, feeds, positiveNumber, speed } from '../up/options.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';

export const dataDir = () =>
  new Option('--data-dir <folder>', 'Folder of the private servers').default(DEFAULT_DATA_DIR);
export const configModule = () => new Option('--config <module>', 'Configuration module (path or package, #export)');
export const logLevel = (level: string) =>
  new Option('--log-level <level>', 'Log level')
    .env('LOG_LEVEL')
    .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default(level);
export const json = () => new Option('--json', 'Print JSON');

/** Options that make up a configuration where no module is given. */
export const feedOptions = (command: Command, demo = 'Use the demo configuration'): Command =>
  command
    .option('--demo', demo, false)
    .addOption(new Option('--pack <name>', 'Kind of demo competition (default: realtime)').choices([...demoPacks]))
    .addOption(new Option('--feed <provider>', 'Feed provider').choices([...feeds]))
    .option('--data <path...>', 'Files or folders to replay (.csv, .csv.gz, .zip, .parquet)')
    .option('--days <number>', 'Days of a replayed or synthetic feed (the demo of up: 0.25)', positiveNumber)
    .option('--speed <factor>', 'Replay speed: max, or a factor of real time', speed)
    .option('--seed <text>', 'Seed of the synthetic feed')
    .option('--start <time>', 'Start of the synthetic feed (default: 2024-01-01)');
