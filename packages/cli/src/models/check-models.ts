import { readFile } from 'node:fs/promises';
import type { CrunchConfig } from '@crunch-node/domain';
import { tempDir } from '@crunch-node/embedded';
import { connectModels, type ModelPool } from '@crunch-node/models';
import { follower, startModelRuns } from '@crunch-node/orchestrator';
import { type CheckedModel, checkModels } from '@crunch-node/predict';
import { instantOfMillis } from '@crunch-node/streams';
import { createScreen } from '../screen.ts';
import { orchestratorOf } from '../serve/services.ts';
import { printable } from '../show/printable.ts';
import { table } from '../show/text.ts';
import { configurationOf } from '../up/configuration.ts';
import type { UpOptions } from '../up/options.ts';
import { type ModelSourceOptions, wantedOf } from './options.ts';

export interface CheckModelsOptions extends ModelSourceOptions, UpOptions {
  readonly baseClass?: string;
  readonly waitSeconds: number;
  readonly json?: boolean;
}

/** A model, its call, and why it could not be called at all. */
interface Report {
  readonly model_id: string;
  readonly fault: string | null;
  readonly calls: CheckedModel['calls'];
}

const LOG_LINES = 15;

/** Calls models once. Ends with code 1 when one of them would fail. */
export async function runCheckModels(paths: readonly string[], options: CheckModelsOptions): Promise<void> {
  const screen = createScreen();
  const { config, environment } = await configurationOf(options, process.env, process.cwd());
  const baseClassname = options.baseClass ?? environment.values.MODEL_BASE_CLASSNAME ?? 'cruncher.ModelBaseClass';
  const ask = (orchestratorUrl: string, expected: readonly string[], more: object = {}) =>
    reportsOf(config, { orchestratorUrl, baseClassname, expected, waitSeconds: options.waitSeconds, ...more });

  if (paths.length === 0 && options.file === undefined) {
    const { orchestratorUrl, expectedModels = [], credentials } = await orchestratorOf(environment);
    return show(await ask(orchestratorUrl, expectedModels, { credentials }), new Map());
  }
  const folder = await tempDir('crunch-check-');
  const runs = await startModelRuns({ crunchId: config.crunch_id, folder: folder.path });
  try {
    const faults: string[] = [];
    const read = await wantedOf(paths, options, config.crunch_id);
    await follower(runs, read, (fault) => faults.push(fault))();
    for (const fault of faults) screen.print(`warning: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
    const states = runs.states().filter(({ desired_state }) => desired_state === 'RUNNING');
    const reports = await ask(
      runs.url,
      states.map(({ model_id }) => model_id),
      { down: () => runs.states().filter(({ status }) => status === 'RUNNER_FAILED') },
    );
    const logs = await Promise.all(
      states.map(async ({ model_id, log_file }) => [model_id, await lastLines(log_file)] as const),
    );
    show(reports, new Map(logs));
  } finally {
    await runs.close();
    await folder.remove();
  }

  function show(reports: readonly Report[], logs: ReadonlyMap<string, string>): void {
    if (options.json) screen.result(JSON.stringify(reports));
    else for (const report of reports) screen.result(textOf(report, logs.get(report.model_id) ?? ''));
    if (reports.length === 0) screen.print('no models');
    if (reports.length === 0 || reports.some(isFaulty)) process.exitCode = 1;
  }
}

const isFaulty = ({ fault, calls }: Report): boolean => fault !== null || calls.some((call) => call.fault !== null);

interface AskOptions {
  readonly orchestratorUrl: string;
  readonly baseClassname: string;
  readonly expected: readonly string[];
  readonly waitSeconds: number;
  readonly credentials?: Parameters<typeof connectModels>[0]['credentials'];
  /** models that do not come up, and why */
  readonly down?: () => readonly { readonly model_id: string; readonly status_message: string | null }[];
}

async function reportsOf(config: CrunchConfig, options: AskOptions): Promise<readonly Report[]> {
  const { orchestratorUrl, baseClassname, expected, waitSeconds, credentials, down = () => [] } = options;
  const failures = new Map<string, string>();
  const pool = connectModels({
    orchestratorUrl,
    crunchId: config.crunch_id,
    baseClassname,
    reportFailures: false, // nothing is stopped by being checked
    ...(config.model_arguments && { modelArguments: config.model_arguments }),
    ...(credentials && { credentials }),
    log: {
      info: () => undefined,
      warn: (facts) => note(failures, facts),
      error: (facts) => note(failures, facts),
    },
  });
  try {
    await settledWithin(pool, expected, waitSeconds, () => down().length > 0);
    const running = pool.running().map(({ model_id }) => model_id);
    const asked = await checkModels({
      config,
      pool,
      modelIds: running,
      end: instantOfMillis(Math.floor(Date.now() / 60_000) * 60_000),
    });
    const absent = new Set([...expected, ...failures.keys()].filter((id) => !running.includes(id)));
    const ended = new Map(down().map(({ model_id, status_message }) => [model_id, status_message]));
    return [
      ...asked.map(({ model_id, calls }) => ({ model_id, fault: null, calls })),
      ...[...absent].map((model_id) => ({
        model_id,
        fault: ended.get(model_id) ?? failures.get(model_id) ?? `not set up within ${waitSeconds} s`,
        calls: [],
      })),
    ].sort((a, b) => (a.model_id < b.model_id ? -1 : 1));
  } finally {
    await pool.close();
  }
}

/** Waits no longer than requested, and not for models that do not start. */
async function settledWithin(
  pool: ModelPool,
  expected: readonly string[],
  seconds: number,
  anyDown: () => boolean,
): Promise<void> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), seconds * 1000);
  const look = setInterval(() => {
    if (!anyDown()) return;
    const awaited = pool.awaited(expected);
    if (awaited?.every(({ why }) => why === 'not announced')) giveUp.abort();
  }, 100);
  await pool.settled(expected, giveUp.signal).catch(() => undefined);
  clearTimeout(timer);
  clearInterval(look);
}

function note(failures: Map<string, string>, facts: object): void {
  const { model_id, failure_code, failure_reason, reason } = facts as Record<string, string | undefined>;
  if (model_id === undefined) return;
  failures.set(model_id, [failure_code, failure_reason ?? reason].filter(Boolean).join(': '));
}

function textOf({ model_id, fault, calls }: Report, log: string): string {
  const isWrong = fault !== null || calls.some((call) => call.fault !== null);
  const head = `model ${printable(model_id)}: ${fault === null ? (isWrong ? 'would fail' : 'all is well') : printable(fault)}`;
  const rows = calls.map((call) => [
    call.fault === null ? 'ok' : 'FAILED',
    call.what,
    `${call.exec_ms.toFixed(0)} ms`,
    call.fault ?? '',
  ]);
  const columns = [{ title: '' }, { title: 'call' }, { title: 'took', align: 'right' as const }, { title: 'why' }];
  const body = rows.length === 0 ? [] : [table(columns, rows)];
  return [head, ...body, ...(isWrong && log !== '' ? [`last lines of its log:\n${log}`] : [])].join('\n');
}

const lastLines = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .trimEnd()
    .split('\n')
    .slice(-LOG_LINES)
    .map((line) => `  ${printable(line)}`)
    .join('\n');
};
