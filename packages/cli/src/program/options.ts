import { type Command, Option } from 'commander';
import { demoPacks, feeds, positiveNumber, speed } from '../up/options.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';

export const dataDir = () =>
  new Option('--data-dir <folder>', 'where the private servers keep their files').default(DEFAULT_DATA_DIR);
export const configModule = () => new Option('--config <module>', 'configuration module (path or package, #export)');
export const logLevel = (level: string) =>
  new Option('--log-level <level>')
    .env('LOG_LEVEL')
    .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default(level);
export const json = () => new Option('--json', 'print JSON');

/** What a configuration can be made of without a module. */
export const feedOptions = (command: Command, demo = 'with the configuration of the demo'): Command =>
  command
    .option('--demo', demo, false)
    .addOption(new Option('--pack <name>', 'what the demo is about (realtime)').choices([...demoPacks]))
    .addOption(new Option('--feed <provider>', 'where records come from').choices([...feeds]))
    .option('--data <path...>', 'files or folders to replay (.csv, .csv.gz, .parquet)')
    .option('--days <number>', 'how much of a replayed or synthetic feed', positiveNumber)
    .option('--speed <factor>', 'of a replay: max, or times real time', speed)
    .option('--seed <text>', 'of the synthetic feed')
    .option('--start <time>', 'of the synthetic feed (2024-01-01)');
