import { armCrashPoint, type CrashPoint, crashPoint } from '@crunch-node/eventlog';
import { listGenerations } from '@crunch-node/projections/generations';
import {
  drop,
  projectionsNamed,
  type ReplayContext,
  type Replayed,
  type ReplayPoint,
  type ReplayProgress,
  replay,
  rollBack,
} from '@crunch-node/projector';
import { createLogger } from '@crunch-node/service';
import { CrunchError } from '@crunch-node/streams/errors';
import { type Deployment, withDeployment } from '../deployment.ts';
import { replayProgress } from '../replay-progress.ts';
import { comparisonText, generationsText } from '../show/replay.ts';

export interface ReplayCommand {
  readonly accept?: boolean;
  readonly keep: number | null;
  readonly rollback?: boolean;
  readonly drop?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
  readonly logLevel: string;
}

/** Tables were not put in place: they differ, or could not be built. The screen shows which. */
export class ReplayIncomplete extends CrunchError {
  override readonly name = 'ReplayIncomplete';
  override readonly code = 'replay_incomplete';
  constructor({ refused, failed }: Replayed) {
    const parts = [
      ...(refused.length > 0
        ? [
            `${refused.join(', ')} not switched: rows differ although the release expects equal ones. See which above; ` +
              `\`crunch-node replay ${refused.join(' ')} --accept\` switches to what was built, which is kept`,
          ]
        : []),
      ...failed.map(({ projection, error }) => `${projection} not built: ${error.message}`),
    ];
    super(parts.join('\n'));
  }
}

/** Builds, compares, switches; or goes back, drops, lists. */
export async function runReplay(named: readonly string[], options: ReplayCommand): Promise<void> {
  const only = named.length > 0 ? named : undefined;
  const names = projectionsNamed(only).map(({ name }) => name); // a wrong name before anything is started
  await withDeployment(options.dataDir, async (deployment) => {
    if (options.list) return list(deployment, names, options);
    if (options.drop) return dropKept(deployment, names, options);
    if (options.rollback) return goBack(deployment, only, options);
    return build(deployment, only, options);
  });
}

/** Where a test may end the process. */
const crashPoints: Readonly<Record<ReplayPoint, CrashPoint>> = {
  'copied a batch': 'in-transaction',
  copied: 'replay-copied',
  indexed: 'replay-indexed',
  'caught up': 'replay-caught-up',
  exchanging: 'replay-exchanging',
  'exchanged, not committed': 'replay-exchanged',
  committed: 'replay-committed',
};

async function contextOf(
  { log, databaseUrl, namespace }: Deployment,
  { logLevel }: ReplayCommand,
): Promise<ReplayContext> {
  return { log: await log(), databaseUrl: await databaseUrl(), namespace, logger: createLogger(logLevel) };
}

async function build(
  deployment: Deployment,
  only: readonly string[] | undefined,
  options: ReplayCommand,
): Promise<void> {
  const { screen } = deployment;
  armCrashPoint(deployment.environment.values.CRUNCH_CRASH_AT);
  const context = await contextOf(deployment, options);
  const progress = replayProgress(screen);
  let result: Replayed;
  try {
    result = await replay(
      {
        ...context,
        onProgress: (at: ReplayProgress) => progress.show(at),
        onPoint: (point) => crashPoint(crashPoints[point]),
      },
      { ...(only && { only }), keepSeconds: options.keep, ...(options.accept && { accept: true }) },
    );
  } finally {
    progress.end();
  }
  const { refused, failed, left } = result;
  if (options.json)
    screen.result(JSON.stringify(result, (_, value: unknown) => (value instanceof Error ? value.message : value)));
  else screen.result(comparisonText(result));
  for (const { schema, name } of left)
    screen.print(`warning: ${schema}.${name} still reads the tables that were replaced: make it again`);
  if (refused.length > 0 || failed.length > 0) throw new ReplayIncomplete(result);
}

async function goBack(
  deployment: Deployment,
  only: readonly string[] | undefined,
  options: ReplayCommand,
): Promise<void> {
  const projections = await rollBack(await contextOf(deployment, options), {
    ...(only && { only }),
    keepSeconds: options.keep,
  });
  if (options.json) return deployment.screen.result(JSON.stringify({ rolled_back: projections }));
  deployment.screen.result(
    `went back to what was replaced: ${projections.join(', ')}; \`project\` brings it up to date`,
  );
}

async function dropKept(
  { screen, readModel }: Deployment,
  names: readonly string[],
  { json }: ReplayCommand,
): Promise<void> {
  const { dropped, faults } = await drop(
    await readModel(),
    ({ slot, projection }) => slot !== 'current' && names.includes(projection),
  );
  const generations = dropped.map(({ projection, slot }) => `${projection} (${slot})`);
  if (json) screen.result(JSON.stringify({ dropped: generations, faults: faults.map(({ message }) => message) }));
  else screen.result(generations.length > 0 ? `dropped ${generations.join(', ')}` : 'nothing to drop');
  if (faults.length > 0) throw new AggregateError(faults, faults.map(({ message }) => message).join('\n'));
}

async function list(
  { screen, readModel }: Deployment,
  names: readonly string[],
  { json }: ReplayCommand,
): Promise<void> {
  const { db, schema } = await readModel();
  const generations = (await listGenerations(db, schema)).filter(({ projection }) => names.includes(projection));
  screen.result(json ? JSON.stringify(generations) : generationsText(generations));
}
