/** Commands for models on this machine. Each is imported when it runs. */
import type { Command } from 'commander';
import { portNumber, positiveNumber } from '../up/options.ts';
import { configModule, dataDir, feedOptions, json } from './options.ts';

const limits = (command: Command): Command =>
  command
    .option('--memory-mb <number>', 'Stop a model that uses more memory', positiveNumber)
    .option('--cpu-seconds <number>', 'Stop a model that has used more processor time since its start', positiveNumber)
    .option('--wall-seconds <number>', 'Stop a model that has run for longer since its start', positiveNumber);

const sources = (command: Command): Command =>
  limits(command)
    .option('--file <path>', 'List of models such as models.dev.yml, instead of paths')
    .option('--submissions <folder>', 'Folder of the code the list names (default: submissions beside the list)');

export function addModels(program: Command): void {
  const models = program.command('models').description('Run models on this machine, and control them');

  sources(
    models
      .command('run')
      .description('Run models until Ctrl-C: Python by crunch-model-runner or the small host, TypeScript by ours')
      .argument('[path...]', 'Files such as my_model.py, folders with main.py or main.ts, or a folder of these'),
  )
    .option('--crunch-id <id>', 'The only crunch that may ask the models (default: CRUNCH_ID, else any)')
    .option('--host <address>', 'Address of the orchestrator', '127.0.0.1')
    .option('--port <number>', 'Port of the orchestrator (0 = any free port)', portNumber, 9091)
    .option('--no-watch', 'Do not restart a model when its code changes')
    .addOption(dataDir())
    .action(async (paths, options) => (await import('../models/run-models.ts')).runModels(paths, options));

  models
    .command('list')
    .description('Show the models that run and why others do not')
    .addOption(json())
    .addOption(dataDir())
    .action(async (options) => (await import('../models/control.ts')).listModels(options));

  models
    .command('logs')
    .description('Print what a model has printed')
    .argument('<id>', 'Model id, as in models list')
    .option('-f, --follow', 'Go on printing', false)
    .option('-n, --lines <number>', 'Only the last lines', positiveNumber)
    .addOption(dataDir())
    .action(async (id, options) => (await import('../models/control.ts')).showLogs(id, options));

  for (const [action, about] of [
    ['restart', 'Restart models, as a new deployment'],
    ['start', 'Start models that were stopped'],
    ['stop', 'Stop models until they are started again'],
  ] as const) {
    models
      .command(action)
      .description(about)
      .argument('<id...>', 'Model ids, as in models list')
      .addOption(dataDir())
      .action(async (ids, options) => (await import('../models/control.ts')).controlModels(action, ids, options));
  }

  sources(
    feedOptions(
      program
        .command('check-models')
        .description('Ask every model once for all the configuration asks, and show what would be recorded as failed')
        .argument('[path...]', 'Models as for models run (default: the models of MODEL_RUNNER_NODE_HOST)'),
    ),
  )
    .option('--base-class <name>', 'Base class of the models (default: MODEL_BASE_CLASSNAME)')
    .option('--wait-seconds <number>', 'How long models may take to be set up', positiveNumber, 120)
    .addOption(configModule())
    .addOption(json())
    .action(async (paths, options) => (await import('../models/check-models.ts')).runCheckModels(paths, options));
}
