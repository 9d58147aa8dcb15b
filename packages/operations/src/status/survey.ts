import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, HeldLease } from '@crunch-node/eventlog';
import { type StagePartition, shapeOf, stagePartitions } from '@crunch-node/pipeline';
import {
  allProjections,
  commonFailures,
  type FailureCount,
  type ReadModel,
  timeReached,
} from '@crunch-node/projections';
import { listPositions, type Position } from '@crunch-node/projector';
import { type Standing, serviceOfInstance } from '@crunch-node/stages';
import {
  addSeconds,
  allStreams,
  type ConfigActivated,
  control,
  type Instant,
  type JsonObject,
  millisOf,
  type StreamDefinition,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import {
  type Activity,
  isReplayOver,
  judgeLiveIngest,
  judgeProjection,
  judgeStage,
  type StateVerdict,
} from './judge.ts';

export interface StageStatus extends StateVerdict {
  readonly service: string;
  readonly partition: string;
  readonly owner: string | null;
  /** further information of its owner: of ingest `rejected`, rows of its feed that were no records */
  readonly facts?: JsonObject;
}

export interface SurveyedProjection extends StateVerdict {
  readonly projection: string;
  readonly stream: string;
  readonly position: number;
  /** messages of its stream it has not handled; the same as `behind_messages` */
  readonly lag: number;
}

export interface StreamStatus {
  readonly stream: string;
  readonly messages: number;
  readonly last: number;
  readonly bytes: number;
  readonly created: string;
}

export interface Status {
  readonly streams: readonly StreamStatus[];
  readonly stages: readonly StageStatus[];
  /** null: Postgres could not be queried, and `postgres` gives the reason */
  readonly projections: readonly SurveyedProjection[] | null;
  readonly postgres: string | null;
  /** why predictions and scores failed in the last day of recorded time, the most frequent reasons first */
  readonly failures: readonly FailureCount[];
  /** live processes of each service */
  readonly instances: Readonly<Record<string, number>>;
  /** lease → owner */
  readonly holders: Readonly<Record<string, string>>;
}

export interface SurveyOptions {
  /** between two samples: longer than the renewal interval of leases */
  readonly overMs: number;
  readonly frozenMs: number;
}

interface Look {
  readonly atMs: number;
  readonly streams: readonly StreamStatus[];
  readonly leases: ReadonlyMap<string, HeldLease>;
  readonly reached: ReadonlyMap<string, Instant>;
  readonly positions: readonly Position[] | Error;
  readonly failures: readonly FailureCount[];
}

const DAY_SECONDS = 24 * 3_600;
/** Maximum number of reasons listed. */
const FAILURES = 20;
const NO_TABLES = new Set(['42P01', '42703', '3F000']);

const projections = allProjections({ configIdOf: () => '' });

/** Samples once, and again a moment later if there is work: a rate or a lack of progress needs two samples. */
export async function survey(
  log: EventLog,
  readModel: () => Promise<ReadModel>,
  { overMs, frozenMs }: SurveyOptions,
): Promise<Status> {
  const active = await log.last(control, 'control.config').catch(() => null);
  const config = active?.event.data ?? null;
  const partitions = config === null ? [] : stagePartitions(shapeOf(config));
  const judged = (now: Look, before: Look | null): Status =>
    withPace(statusOf(now, before, partitions, frozenMs), config, frozenMs);
  const first = await look(log, partitions, readModel);
  const once = judged(first, null);
  if (!hasWork(once)) return once;
  await delay(Math.max(0, overMs - (performance.now() - first.atMs)));
  // When Postgres did not respond to the first sample, it is not queried again.
  const { positions } = first;
  const again = positions instanceof Error ? () => Promise.reject(positions) : readModel;
  return judged(await look(log, partitions, again), first);
}

const LATENESS_SECONDS = 30;

/** In live pace, ingest is bound to the clock; a replay ends. */
function withPace(status: Status, config: ConfigActivated['data'] | null, frozenMs: number): Status {
  if (config?.pace === 'replay' && isReplayOver(status.stages)) {
    return { ...status, stages: status.stages.map((stage) => ({ ...stage, activity: 'stopped' })) };
  }
  if (config?.pace !== 'live') return status;
  const { cycle_seconds } = config;
  const lateness = Number(config.config.lateness_seconds ?? LATENESS_SECONDS);
  const stages = status.stages.map((stage) => {
    if (stage.service !== 'ingest' || stage.reached === null) return stage;
    const dueMs = millisOf(stage.reached) + (cycle_seconds + lateness) * 1000;
    return { ...stage, ...judgeLiveIngest(stage, dueMs, Date.now(), { frozenMs }) };
  });
  return { ...status, stages };
}

const busy: ReadonlySet<Activity> = new Set(['working', 'frozen', 'starting']);
const hasWork = ({ stages, projections }: Status): boolean =>
  [...stages, ...(projections ?? [])].some(({ activity }) => busy.has(activity));

async function look(
  log: EventLog,
  partitions: readonly StagePartition[],
  readModel: () => Promise<ReadModel>,
): Promise<Look> {
  const asked = tablesIn(readModel);
  const [streams, leases, closings] = await Promise.all([
    Promise.all(allStreams.map((stream) => streamStatus(log, stream))),
    log.heldLeases(),
    Promise.all(partitions.map(({ stream, closingSubject }) => log.last(stream, closingSubject))),
  ]);
  const atMs = performance.now();
  const reached = partitions.flatMap(({ lease }, i) => {
    const closing = closings[i];
    return closing === null || closing === undefined ? [] : [[lease, closing.event.at] as const];
  });
  return {
    atMs,
    streams,
    leases: new Map(leases.map((lease) => [lease.name, lease])),
    reached: new Map(reached),
    ...(await asked),
  };
}

/** The log can be inspected while Postgres is away. */
async function tablesIn(readModel: () => Promise<ReadModel>): Promise<Pick<Look, 'positions' | 'failures'>> {
  const answered = new AbortController();
  const silence = delay(SILENCE_MS, new PostgresSilent(), { signal: answered.signal }).catch(
    () => new PostgresSilent(),
  );
  const failures: FailureCount[] = [];
  const positions = async (): Promise<readonly Position[] | Error> => {
    try {
      const { db, schema } = await readModel();
      const listed = await listPositions(db, schema);
      failures.push(...(await failuresOfLastDay(db)));
      return listed;
    } catch (error) {
      return /timeout/i.test((error as Error).message) ? new PostgresSilent() : (error as Error);
    } finally {
      answered.abort();
    }
  };
  return { positions: await Promise.race([positions(), silence]), failures };
}

/** None before the tables exist. */
async function failuresOfLastDay(db: ReadModel['db']): Promise<readonly FailureCount[]> {
  try {
    const end = await timeReached(db);
    return end === null ? [] : await commonFailures(db, { start: addSeconds(end, -DAY_SECONDS), limit: FAILURES });
  } catch (error) {
    if (NO_TABLES.has((error as { code?: string }).code ?? '')) return [];
    throw error;
  }
}

/** Time limit for Postgres to report positions, connecting included. */
export const SILENCE_MS = 2_000;

/** It accepts connections, or does not refuse them, and never responds: stopped, overloaded, behind a firewall. */
class PostgresSilent extends CrunchError {
  override readonly name = 'PostgresSilent';
  override readonly code = 'postgres_silent';
  constructor() {
    super(`it does not answer within ${SILENCE_MS / 1_000} s`);
  }
}

async function streamStatus(log: EventLog, definition: StreamDefinition): Promise<StreamStatus> {
  const { created, firstSequence, lastSequence, bytes } = await log.info(definition);
  const messages = lastSequence === 0 ? 0 : lastSequence - firstSequence + 1;
  return { stream: definition.name, messages, last: lastSequence, bytes, created };
}

function statusOf(now: Look, before: Look | null, partitions: readonly StagePartition[], frozenMs: number): Status {
  const { streams, leases, positions } = now;
  const held = [...leases.values()];
  const instances: Record<string, number> = {};
  for (const { name } of held) {
    const service = serviceOfInstance(name);
    if (service !== null) instances[service] = (instances[service] ?? 0) + 1;
  }
  const owned = held.filter(({ name }) => serviceOfInstance(name) === null);
  return {
    streams,
    stages: partitions.map((each) => {
      const { facts } = stageLook(now, each).standing ?? {};
      return {
        service: each.service,
        partition: each.partition,
        owner: leases.get(each.lease)?.owner ?? null,
        ...judgeStage(stageLook(now, each), before && stageLook(before, each), { frozenMs }),
        ...(facts !== undefined && { facts }),
      };
    }),
    projections: positions instanceof Error ? null : projectionStatuses(now, before),
    postgres: positions instanceof Error ? positions.message : null,
    failures: now.failures,
    instances,
    holders: Object.fromEntries(owned.map(({ name, owner }) => [name, owner])),
  };
}

function stageLook({ leases, reached, streams }: Look, { lease, inputs }: StagePartition) {
  const last = new Map(streams.map(({ stream, last }) => [stream, last]));
  return {
    owner: leases.get(lease)?.owner ?? null,
    standing: (leases.get(lease)?.note ?? null) as Standing | null,
    reached: reached.get(lease) ?? null,
    newest: reached.get('ingest') ?? null,
    inputs: Object.fromEntries(inputs.map(({ name }) => [name, last.get(name) ?? 0])),
  };
}

function projectionStatuses(now: Look, before: Look | null): SurveyedProjection[] {
  return projections.map(({ name, stream }) => {
    const last = now.streams.find((each) => each.stream === stream.name)?.last ?? 0;
    const at = ({ positions, atMs, reached }: Look) => {
      const position = positions instanceof Error ? undefined : positions.find(({ projection }) => projection === name);
      const newest = reached.get('ingest') ?? null;
      return { position: position?.sequence ?? 0, last, reached: position?.event_at ?? null, newest, atMs };
    };
    const verdict = judgeProjection(at(now), before && at(before));
    const { position } = at(now);
    return { projection: name, stream: stream.name, position, lag: verdict.behind_messages ?? 0, ...verdict };
  });
}
