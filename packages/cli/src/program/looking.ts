/** Commands that inspect a deployment. Each is imported when it runs: printing help needs no database client. */
import { type Command, Option } from 'commander';
import { since } from '../duration.ts';
import { levels } from '../logs/entry.ts';
import { positiveNumber } from '../up/options.ts';
import { configModule, dataDir, feedOptions, json } from './options.ts';

export function addLooking(program: Command): void {
  program
    .command('config')
    .description('Print the effective configuration, secrets masked')
    .addOption(configModule())
    .action(async (options) => (await import('../commands/config.ts')).runConfig(options));

  program
    .command('digest')
    .description('Hash tables or streams, so that runs can be compared')
    .addOption(new Option('--streams', 'Digest the streams instead of the tables').conflicts('all'))
    .option('--all', 'Include observed columns (durations, hosts, sequences)')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/digest.ts')).runDigest(options));

  program
    .command('status')
    .description('Show owner, position, lag and state of every stage and projection')
    .option('--check', 'Exit with code 1 if a stage is frozen or has no owner, or Postgres is unreachable')
    .option('--over <seconds>', 'Seconds between the two samples', positiveNumber, 2.5)
    .option(
      '--frozen-after <seconds>',
      'Seconds without progress, with input waiting, until a stage counts as frozen',
      positiveNumber,
      15,
    )
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/status.ts')).runStatus(options));

  feedOptions(
    program
      .command('verify-deployment')
      .description(
        'After any change: is this configuration running, does every stage move, what failed and what to do',
      ),
    'Expect the demo configuration, as up --demo runs it',
  )
    .option('--api <url>', 'Address of the report API (default: that of the data folder)')
    .option('--minutes <number>', 'Minutes whose failures are listed by cause', positiveNumber, 15)
    .option('--over <seconds>', 'Seconds between the two samples', positiveNumber, 2.5)
    .option('--frozen-after <seconds>', 'Seconds without progress until a stage counts as frozen', positiveNumber, 15)
    .addOption(configModule())
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/verify-deployment.ts')).runVerifyDeployment(options));

  program
    .command('logs')
    .description('Show the logs of all services in one place')
    .argument('[file...]', 'Logs to read; - reads standard input as it comes (default: those of the data folder)')
    .option('--service <names...>', 'Services, such as predict score')
    .option('--since <time>', 'How far back: 90s, 10m, 12h, 7d', since)
    .addOption(new Option('--level <level>', 'This level and what is worse').choices([...levels]))
    .option('--event <text>', 'Text in the message or the error')
    .option('--model <id>', 'Lines about one model')
    .addOption(json())
    .addOption(dataDir())
    .action(async (files, options) => (await import('../logs/run-logs.ts')).runLogs(files, options));

  program
    .command('accounts')
    .description('Print users of the log with the permissions of each service')
    .addOption(
      new Option(
        '--format <format>',
        'A script for nsc, or configuration of nats-server: by passwords, by certificates',
      )
        .choices(['nsc', 'conf', 'tls'])
        .default('nsc'),
    )
    .action(async (options) => (await import('../commands/accounts.ts')).runAccounts(options));

  program
    .command('upgrade')
    .description('Show what this release needs of a running competition')
    .option('--check', 'Look at configuration, streams and read models; change nothing')
    .addOption(configModule())
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/upgrade.ts')).runUpgrade(options));

  program
    .command('top')
    .description('Watch stages, projections, streams and dead letters, as status shows them; q ends')
    .option('--every <seconds>', 'Seconds between two looks', positiveNumber, 2.5)
    .option('--frozen-after <seconds>', 'Seconds without progress until a stage counts as frozen', positiveNumber, 15)
    .option('--once', 'Print one look and end; the same without a terminal')
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/top.ts')).runTop(options));

  program
    .command('sql')
    .description('Print where Postgres listens, or run a query there, read-only (tables and views as in the manual)')
    .argument('[query]', 'One statement; without it the address, schema and how to connect')
    .addOption(json())
    .addOption(dataDir())
    .action(async (query, options) => (await import('../commands/sql.ts')).runSql(query, options));

  program
    .command('open')
    .description('Print the addresses of a running deployment: log, Postgres, what to look at')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/open.ts')).runOpen(options));

  program
    .command('doctor')
    .description('Check prerequisites: configuration, servers, folders, port, recorded data')
    .option('--data <path...>', 'Files or folders to replay: read whole, and rows that are no records are named')
    .addOption(configModule())
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/doctor.ts')).runDoctor(options));

  program
    .command('merkle')
    .description('Verify Merkle proofs')
    .command('verify')
    .description('Recompute the proof of a snapshot from what a report API publishes')
    .requiredOption('--url <address>', 'Address of the report API')
    .requiredOption('--snapshot-id <id>', 'Snapshot id, as in /reports/snapshots')
    .option('--full', 'Follow the chain back to the first cycle')
    .option('--root <hash>', 'Trusted root of its checkpoint, from another source')
    .option('--key <key>', 'API key, if the API requires one')
    .addOption(json())
    .action(async (options) => (await import('../commands/merkle.ts')).runMerkleVerify(options));
}
