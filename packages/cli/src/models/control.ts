import { controlClient, type ListedModel } from '@crunch-node/orchestrator';
import { createScreen } from '../screen.ts';
import { table } from '../show/text.ts';
import { controlFile } from './options.ts';

export interface ControlOptions {
  readonly dataDir: string;
  readonly json?: boolean;
}

export async function listModels({ dataDir, json }: ControlOptions): Promise<void> {
  const models = await (await controlClient(controlFile(dataDir))).list();
  createScreen().result(json ? JSON.stringify(models) : textOf(models));
}

const textOf = (models: readonly ListedModel[]): string =>
  models.length === 0
    ? '  no models'
    : table(
        [
          { title: 'model' },
          { title: 'name' },
          { title: 'status' },
          { title: 'restarts', align: 'right' },
          { title: 'why' },
        ],
        models.map(({ id, model_name, status, restarts, statusMessage }) => [
          id,
          model_name,
          status.replace('RUNNER_', '').toLowerCase(),
          String(restarts),
          statusMessage ?? '',
        ]),
      );

export interface LogsOptions {
  readonly dataDir: string;
  readonly follow: boolean;
  /** lines from the end; all unless given */
  readonly lines?: number;
}

const FOLLOW_EVERY_MS = 500;

export async function showLogs(modelId: string, { dataDir, follow, lines }: LogsOptions): Promise<void> {
  const client = await controlClient(controlFile(dataDir));
  const write = (text: string): void => void process.stdout.write(text);
  let shown = await client.logs(modelId);
  write(lines === undefined ? shown : lastLines(shown, lines));
  while (follow) {
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
    const all = await client.logs(modelId);
    write(all.startsWith(shown) ? all.slice(shown.length) : all); // a log that grew too large begins again
    shown = all;
  }
}

const lastLines = (text: string, count: number): string =>
  text
    .split(/(?<=\n)/)
    .slice(-count)
    .join('');

export async function controlModels(
  action: 'restart' | 'start' | 'stop',
  modelIds: readonly string[],
  { dataDir }: ControlOptions,
): Promise<void> {
  const client = await controlClient(controlFile(dataDir));
  const screen = createScreen();
  for (const modelId of modelIds) {
    const model =
      action === 'restart'
        ? await client.restart(modelId)
        : await client.desire(modelId, action === 'start' ? 'RUNNING' : 'STOPPED');
    const why = model.statusMessage === null ? '' : `: ${model.statusMessage}`;
    if (model.status === 'RUNNER_FAILED') process.exitCode = 1;
    screen.print(`model ${model.id} ${model.status.replace('RUNNER_', '').toLowerCase()}${why}`);
  }
}
