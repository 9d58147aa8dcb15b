/** Commands that run services. Each is imported when it is asked for: a list of options needs no database client. */
import type { Command } from 'commander';
import { portNumber, replicas } from '../up/options.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';
import { configModule, dataDir, feedOptions, logLevel } from './options.ts';

export function addRunning(program: Command): void {
  feedOptions(
    program.command('up').description('run everything in one process'),
    'with example models and a configuration for them',
  )
    .option('--once', 'end when history has been worked off', false)
    .option('--port <number>', 'of the API; 0 for any free one', portNumber)
    .option(
      '--data-dir <folder>',
      `where private servers keep their files (${DEFAULT_DATA_DIR}; with --demo a temporary one)`,
    )
    .addOption(configModule())
    .addOption(logLevel('warn'))
    .action(async (options) => (await import('../up/run-up.ts')).runUp(options));

  feedOptions(
    program
      .command('serve')
      .description('run services in a process of their own, beside others of the same deployment')
      .argument(
        '<service...>',
        'ingest, predict, score, ensemble, snapshot, rank, checkpoint, project, backfill, report',
      ),
  )
    .option('--port <number>', 'of /healthz, /readyz and /metrics; default SERVICE_PORT, else any free one', portNumber)
    .addOption(dataDir())
    .addOption(configModule())
    .addOption(logLevel('info'))
    .action(async (services, options) => (await import('../serve/run-serve.ts')).runServe(services, options));

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
    .action(async (options) => (await import('../cluster/run-cluster.ts')).runCluster(options));

  program
    .command('activate')
    .description('make the configuration found here the active one')
    .addOption(configModule())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/activate.ts')).runActivate(options));

  program
    .command('project')
    .description('run projections alone')
    .option('--only <names>', 'separated by commas: feeds, scores, …', (text) =>
      text.split(',').map((name) => name.trim()),
    )
    .addOption(dataDir())
    .addOption(logLevel('info'))
    .action(async (options) => (await import('../commands/project.ts')).runProject(options));

  program
    .command('report')
    .description('serve the API alone')
    .option('--port <number>', '0 for any free one; default REPORT_API_PORT, else 8000', portNumber)
    .addOption(configModule())
    .addOption(dataDir())
    .addOption(logLevel('info'))
    .action(async (options) => (await import('../commands/report.ts')).runReport(options));
}
