import { isDiskFull, misconfigurationOf } from '@crunch-node/postgres';
import type { Projection } from '@crunch-node/projections';
import type { ServiceHealth } from '@crunch-node/service';
import { CrunchError } from '@crunch-node/streams/errors';
import { type ProjectionContext, type ProjectionProgress, runProjection } from './projection-loop.ts';
import { rowsReplaced } from './rows-replaced.ts';

export interface ProjectionStatus {
  readonly name: string;
  readonly stream: string;
  readonly state: ServiceHealth['state'];
  /** why it waits or halted; empty while it runs */
  readonly detail: string;
  /** of the last message in its rows */
  readonly sequence: number;
  /** messages of the stream still to be handled, as the server last reported */
  readonly lag: number;
  readonly events: number;
  readonly rows: number;
  readonly unknown: number;
  readonly malformed: number;
}

/** Receives the measurements of a running projection. */
export interface ProjectionInstruments {
  moved(projection: string, progress: ProjectionProgress): void;
  waited(projection: string, reason: Error): void;
}

/** A projection will not progress: it halted, or was stopped. */
export class ProjectionStopped extends CrunchError {
  override readonly name = 'ProjectionStopped';
  override readonly code = 'projection_stopped';
  readonly projection: string;
  readonly sequence: number;
  constructor({ name, sequence, detail }: ProjectionStatus, wanted: number) {
    super(`expected projection ${name} to reach sequence ${wanted}, it ended at ${sequence}: ${detail || 'stopped'}`);
    this.projection = name;
    this.sequence = sequence;
  }
}

/**
 * One projection with its loop. Halting affects this projection only; it continues when a replay has replaced its rows.
 */
export interface Runner {
  readonly projection: Projection;
  status(): ProjectionStatus;
  /** Resolves once the rows hold everything up to a sequence. @throws {ProjectionStopped} */
  reached(sequence: number, signal?: AbortSignal): Promise<void>;
  /** settles after an abort: rejects when the projection had halted */
  readonly ended: Promise<void>;
}

function whyOf(reason: Error): string {
  if (isDiskFull(reason)) return `the disk of Postgres is full, it goes on when there is room (${reason.message})`;
  const remedy = misconfigurationOf(reason);
  return remedy === undefined ? reason.message : `${reason.message}: ${remedy}`;
}

export function startRunner<DB>(
  projection: Projection,
  context: Omit<ProjectionContext<DB>, 'onProgress' | 'onWaiting'> & {
    readonly onHalted?: () => void;
    readonly instruments?: ProjectionInstruments;
  },
): Runner {
  const { name, stream } = projection;
  let status: ProjectionStatus = {
    name,
    stream: stream.name,
    state: 'starting',
    detail: '',
    sequence: 0,
    lag: 0,
    events: 0,
    rows: 0,
    unknown: 0,
    malformed: 0,
  };
  const listeners = new Set<() => void>();
  const update = (change: Partial<ProjectionStatus>): void => {
    status = { ...status, ...change };
    for (const listener of listeners) listener();
  };

  const once = (): Promise<void> =>
    runProjection(projection, {
      ...context,
      onWaiting(reason) {
        context.instruments?.waited(name, reason);
        update({ state: 'waiting', detail: whyOf(reason) });
      },
      onProgress(progress) {
        const { position, pending, events, rows, unknown, malformed } = progress;
        context.instruments?.moved(name, progress);
        // A position that can be read again does not prove that rows can be written again.
        const isStuck = status.state === 'waiting' && progress.tookMs === undefined && pending > 0;
        update({
          ...(!isStuck && { state: 'running', detail: '' }),
          sequence: position.sequence,
          lag: pending,
          events: status.events + events,
          rows: status.rows + rows,
          unknown: status.unknown + unknown,
          malformed: status.malformed + malformed,
        });
      },
    });

  async function untilStopped(): Promise<void> {
    for (;;) {
      try {
        await once();
        return update({ state: 'stopped', detail: '' });
      } catch (error) {
        context.logger.error(
          { err: error, projection: name, stream: stream.name, sequence: status.sequence },
          'projection halted',
        );
        update({ state: 'failed', detail: (error as Error).message });
        context.onHalted?.();
        // Waits outside the reading loop, so that a replay can replace the rows at which it halted.
        if (!(await rowsReplaced(context, name))) throw error;
      }
    }
  }
  const ended = untilStopped();
  ended.catch(() => undefined);

  return {
    projection,
    status: () => status,
    reached: (sequence, signal) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          listeners.delete(look);
          signal?.removeEventListener('abort', onAbort);
          act();
        };
        const onAbort = (): void => settle(() => reject(signal?.reason as Error));
        const look = (): void => {
          if (status.state !== 'starting' && status.sequence >= sequence) settle(resolve);
          else if (status.state === 'failed' || status.state === 'stopped')
            settle(() => reject(new ProjectionStopped(status, sequence)));
        };
        if (signal?.aborted) return onAbort();
        signal?.addEventListener('abort', onAbort, { once: true });
        listeners.add(look);
        look();
      }),
    ended,
  };
}
