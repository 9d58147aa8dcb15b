/** Commands that run services. Each is imported when it runs: printing help needs no database client. */
import { serviceNames } from '@crunch-node/pipeline/services';
import type { Command } from 'commander';
import { portNumber, replicas } from '../up/options.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';
import { configModule, dataDir, feedOptions, logLevel } from './options.ts';

export function addRunning(program: Command): void {
  feedOptions(
    program.command('up').description('Run the whole pipeline in one process'),
    'Use the demo configuration and example models',
  )
    .option('--once', 'Exit when the recorded history is processed', false)
    .option('--port <number>', 'API port (0 = any free port)', portNumber)
    .option(
      '--models <path...>',
      'Run models of your own: files such as my_model.py, folders, or one list such as models.dev.yml (with --demo beside the examples)',
    )
    .option(
      '--data-dir <folder>',
      `Folder of the private servers (default: ${DEFAULT_DATA_DIR}; with --demo a temporary one)`,
    )
    .addOption(configModule())
    .addOption(logLevel('warn'))
    .action(async (options) => (await import('../up/run-up.ts')).runUp(options));

  feedOptions(
    program
      .command('serve')
      .description('Run some services in a process of their own')
      .argument('<service...>', serviceNames.join(', ')),
  )
    .option(
      '--port <number>',
      'Port of /healthz, /readyz and /metrics (default: SERVICE_PORT, else any free port)',
      portNumber,
    )
    .addOption(dataDir())
    .addOption(configModule())
    .addOption(logLevel('info'))
    .action(async (services, options) => (await import('../serve/run-serve.ts')).runServe(services, options));

  feedOptions(program.command('cluster').description('Run every service as a process of its own on this machine'))
    .option('--predict <number>', 'Number of predict processes', replicas, 1)
    .option('--score <number>', 'Number of score processes', replicas, 1)
    .option('--project <number>', 'Number of project processes', replicas, 1)
    .option('--once', 'Exit when the recorded history is processed', false)
    .option('--secure', 'The log with TLS, and a user with the least permissions for each service', false)
    .option('--no-restart', 'Do not restart a process that has ended')
    .option('--port <number>', 'API port (0 = any free port)', portNumber)
    .addOption(dataDir())
    .addOption(configModule())
    .addOption(logLevel('warn'))
    .action(async (options) => (await import('../cluster/run-cluster.ts')).runCluster(options));

  program
    .command('activate')
    .description('Activate the configuration found here')
    .addOption(configModule())
    .addOption(dataDir())
    .action(async (options) => (await import('../commands/activate.ts')).runActivate(options));

  program
    .command('project')
    .description('Run projections only')
    .option('--only <names>', 'Projections, separated by commas: feeds, scores, … (default: all)', (text) =>
      text.split(',').map((name) => name.trim()),
    )
    .addOption(dataDir())
    .addOption(logLevel('info'))
    .action(async (options) => (await import('../commands/project.ts')).runProject(options));

  program
    .command('report')
    .description('Run the API only')
    .option('--port <number>', 'API port (0 = any free port; default: REPORT_API_PORT, else 8000)', portNumber)
    .addOption(configModule())
    .addOption(dataDir())
    .addOption(logLevel('info'))
    .action(async (options) => (await import('../commands/report.ts')).runReport(options));
}
