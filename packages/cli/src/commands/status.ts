import { existsSync } from 'node:fs';
import { SILENCE_MS, type StateVerdict, type Status, survey } from '@crunch-node/operations/status';
import { controlClient } from '@crunch-node/orchestrator';
import { modelFailures, type ReadModel, silentEnsembles } from '@crunch-node/projections';
import { withDeployment } from '../deployment.ts';
import { controlFile } from '../models/options.ts';
import { green, red } from '../show/colour.ts';
import { duration } from '../show/duration.ts';
import { type FailedModel, failedModelsText } from '../show/failed-models.ts';
import { failuresText } from '../show/failures.ts';
import { rejectedText } from '../show/rejected.ts';
import { silentText } from '../show/silent.ts';
import { type Cell, count, minute, table } from '../show/text.ts';

export interface StatusOptions {
  readonly json?: boolean;
  /** end with code 1 when something is frozen or has no owner */
  readonly check?: boolean;
  /** seconds between two looks */
  readonly over: number;
  /** seconds without movement that are a standstill */
  readonly frozenAfter: number;
  readonly dataDir: string;
}

/** Owners of partitions, their progress, and whether it moves. */
export const runStatus = ({ json, check, over, frozenAfter, dataDir }: StatusOptions) =>
  withDeployment(dataDir, async ({ screen, environment, log: open, readModel: openModel }) => {
    const log = await open();
    let model: ReturnType<typeof openModel> | undefined;
    const readModel = () => (model ??= openModel({ connectTimeoutMs: SILENCE_MS }));
    const status = await survey(log, readModel, { overMs: over * 1000, frozenMs: frozenAfter * 1000 });
    const folder = environment.values.CRUNCH_STATE_DIR ?? dataDir;
    const models = await modelsNotRunning(folder, status.projections === null ? null : readModel);
    const silent = status.projections === null ? [] : await silentEnsembles((await readModel()).db).catch(() => []);
    screen.result(
      json
        ? JSON.stringify({ ...status, failed_models: models.failed, silent_ensembles: silent })
        : [failedModelsText(models.failed, models.of, folder), silentText(silent), statusText(status)]
            .filter(Boolean)
            .join('\n\n'),
    );
    const bad = [...status.stages, ...(status.projections ?? [])].filter(
      ({ activity }) => activity === 'frozen' || activity === 'unowned',
    );
    if (check && (bad.length > 0 || status.projections === null)) process.exitCode = 1;
  });

/** Of the models hosted beside the deployment, and of those that predict has given up on. */
async function modelsNotRunning(
  folder: string,
  readModel: (() => Promise<ReadModel>) | null,
): Promise<{ readonly failed: readonly FailedModel[]; readonly of: number }> {
  // Neither is needed for the rest: models may be hosted elsewhere, and tables may not be there yet.
  const hosted = existsSync(controlFile(folder))
    ? await controlClient(controlFile(folder))
        .then((client) => client.list())
        .catch(() => [])
    : [];
  const known = readModel === null ? [] : await modelFailures((await readModel()).db).catch(() => []);
  const failed = new Map<string, FailedModel>();
  for (const { model_id, model_name, reason, state } of known) {
    if (state === 'failed') failed.set(model_id, { id: model_id, name: model_name, reason });
  }
  for (const { id, model_name, status, statusMessage } of hosted) {
    if (status === 'RUNNER_FAILED') failed.set(id, { id, name: model_name, reason: statusMessage });
  }
  const all = new Set([...known.map(({ model_id }) => model_id), ...hosted.map(({ id }) => id)]);
  return { failed: [...failed.values()], of: all.size };
}

/** Tables of stages, projections and streams. */
export function statusText({ streams, stages, projections, postgres, failures, instances, holders }: Status): string {
  const stagesTable = table(
    [{ title: 'stage' }, { title: 'part' }, ...verdictColumns, { title: 'owner' }],
    grouped(stages).map((rows) => [rows[0].service, partitionsOf(rows), ...verdictCells(rows[0]), ownersOf(rows)]),
  );
  const projectionsTable =
    projections === null
      ? `  Postgres cannot be asked: ${postgres}`
      : table(
          [{ title: 'projection' }, { title: 'of' }, { title: 'position', align: 'right' }, ...verdictColumns],
          projections.map((row) => [row.projection, row.stream, count(row.position), ...verdictCells(row)]),
        );
  const streamsTable = table(
    [
      { title: 'stream' },
      { title: 'messages', align: 'right' },
      { title: 'last', align: 'right' },
      { title: 'MB', align: 'right' },
      { title: 'since' },
    ],
    streams.map((s) => [s.stream, count(s.messages), count(s.last), (s.bytes / 1e6).toFixed(1), minute(s.created)]),
  );
  const shared = Object.entries(instances).map(([service, n]) => `${service} ${n}`);
  const leases = `  ${count(Object.keys(holders).length)} leases; instances: ${shared.join(', ') || 'none'}`;
  const facts = stages.flatMap((stage) => rejectedText(stage.facts?.rejected));
  const failed = failuresText(failures);
  const failing = failed === null ? [] : [`  failures of the last day\n${failed}`];
  return [stagesTable, ...facts, projectionsTable, ...failing, streamsTable, leases].join('\n\n');
}

const verdictColumns = [
  { title: 'state' },
  { title: 'reached' },
  { title: 'behind', align: 'right' },
  { title: 'messages', align: 'right' },
  { title: 'a second', align: 'right' },
  { title: 'there in', align: 'right' },
] as const;

const coloured = (activity: StateVerdict['activity'], text: string): Cell => {
  if (activity === 'frozen' || activity === 'unowned') return { text, paint: red };
  return activity === 'working' ? { text, paint: green } : text;
};

const verdictCells = (verdict: StateVerdict): Cell[] => {
  const { activity, reached, behind_seconds, behind_messages, messages_per_second, catch_up_seconds } = verdict;
  const isStill = verdict.still_seconds !== null && activity === 'frozen';
  return [
    coloured(activity, isStill ? `frozen for ${duration(verdict.still_seconds ?? 0)}` : activity),
    reached === null ? '–' : minute(reached),
    behind_seconds === null ? '–' : duration(behind_seconds),
    behind_messages === null ? '–' : count(behind_messages),
    messages_per_second === null ? '–' : count(messages_per_second),
    activity === 'idle' || catch_up_seconds === null ? '–' : duration(catch_up_seconds),
  ];
};

type Stage = Status['stages'][number];
type Group = readonly [Stage, ...Stage[]];

/** Partitions of a service that differ only in their names and what they wait for share one line. */
function grouped(stages: readonly Stage[]): Group[] {
  const groups = new Map<string, [Stage, ...Stage[]]>();
  for (const stage of stages) {
    const key = JSON.stringify([stage.service, stage.owner, ...verdictCells(stage)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [stage]);
    else group.push(stage);
  }
  return [...groups.values()];
}

/** `0–3, 5, ensemble` */
function partitionsOf(rows: Group): string {
  const names = rows.map(({ partition }) => partition);
  const runs: string[][] = [];
  for (const name of names) {
    const run = runs.at(-1);
    const isNext = run !== undefined && /^\d+$/.test(name) && Number(name) === Number(run.at(-1)) + 1;
    if (isNext) run.push(name);
    else runs.push([name]);
  }
  return runs.map((run) => (run.length === 1 ? run[0] : `${run[0]}–${run.at(-1)}`)).join(', ');
}

function ownersOf(rows: Group): string {
  const [{ owner }] = rows;
  if (owner === null) return 'none';
  const waits = [...new Set(rows.flatMap(({ waits_for }) => waits_for))];
  return waits.length === 0 ? owner : `${owner}, waits for ${summary(waits)}`;
}

const summary = ([first = '', ...rest]: readonly string[]): string =>
  rest.length === 0 ? first : `${first} and ${rest.length} more`;
