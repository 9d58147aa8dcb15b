/** Commands that look at a deployment. Each is imported when it is asked for: a list of options needs no database client. */
import { type Command, Option } from 'commander';
import { positiveNumber } from '../up/options.ts';
import { configModule, dataDir, json } from './options.ts';

export function addLooking(program: Command): void {
  program
    .command('config')
    .description('print the effective configuration, secrets masked')
    .addOption(configModule())
    .action(async (options) => (await import('../commands/config.ts')).runConfig(options));

  program
    .command('digest')
    .description('hash the tables, or the streams, so that runs can be compared')
    .addOption(new Option('--streams', 'of what was said').conflicts('all'))
    .option('--all', 'of the tables with the columns that hold what was measured')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/digest.ts')).runDigest(options));

  program
    .command('status')
    .description('who owns what, how far it has come, and whether it moves')
    .option('--check', 'end with code 1 when something is frozen, has no owner, or Postgres cannot be asked')
    .option('--over <seconds>', 'between two looks', positiveNumber, 2.5)
    .option('--frozen-after <seconds>', 'of standing still with work waiting', positiveNumber, 15)
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/status.ts')).runStatus(options));

  program
    .command('doctor')
    .description('check what a start depends on')
    .addOption(configModule())
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/doctor.ts')).runDoctor(options));

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
    .action(async (options) => (await import('../commands/merkle.ts')).runMerkleVerify(options));
}
