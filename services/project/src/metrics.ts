import { isDiskFull } from '@crunch-node/postgres';
import type { ProjectionInstruments, ProjectionStatus, Runner } from '@crunch-node/projector';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const GAUGES: readonly { name: string; help: string; value: (status: ProjectionStatus) => number }[] = [
  {
    name: 'crunch_projection_sequence',
    help: 'Sequence of the last message in the rows of a projection',
    value: ({ sequence }) => sequence,
  },
  {
    name: 'crunch_projection_lag_events',
    help: 'Messages a projection has yet to handle',
    value: ({ lag }) => lag,
  },
  {
    name: 'crunch_projection_rows',
    help: 'Rows written since the start',
    value: ({ rows }) => rows,
  },
  {
    name: 'crunch_projection_running',
    help: '1 while a projection runs, 0 while it waits or has halted',
    value: ({ state }) => (state === 'running' ? 1 : 0),
  },
  {
    name: 'crunch_projection_halted',
    help: '1 when a projection has met what it cannot apply, and waits until the code is mended',
    value: ({ state }) => (state === 'failed' ? 1 : 0),
  },
];

/** Gauges per projection, read at collection. */
export function observe(registry: Registry, runners: readonly Runner[]): void {
  for (const { name, help, value } of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['projection'],
      registers: [registry],
      collect() {
        for (const runner of runners) this.set({ projection: runner.projection.name }, value(runner.status()));
      },
    });
  }
}

/** The name of a fault of ours; of others the SQLSTATE or the code of the connection, since those share one name. */
function reasonOf(reason: Error): string {
  if (isDiskFull(reason)) return 'DiskFull';
  const { code } = reason as { code?: unknown };
  return typeof code === 'string' && /^error$/i.test(reason.name) ? code : reason.name;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_EVENTS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Counters and histograms per projection. */
export function projectionInstruments(registry: Registry): ProjectionInstruments {
  const labelNames = ['projection'] as const;
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const events = counter('crunch_projection_events_total', 'Events turned into rows');
  const unknown = counter(
    'crunch_projection_unknown_events_total',
    'Events of a type or version this code does not know',
  );
  const malformed = counter('crunch_projection_malformed_events_total', 'Messages that were no events of their stream');
  const retries = new Counter({
    name: 'crunch_projection_retries_total',
    help: 'Times a projection had to begin again from its position, by the name of the fault',
    labelNames: ['projection', 'reason'],
    registers,
  });
  const batches = new Histogram({
    name: 'crunch_projection_batch_events',
    help: 'Events per transaction',
    labelNames,
    buckets: BATCH_EVENTS,
    registers,
  });
  const commits = new Histogram({
    name: 'crunch_projection_commit_seconds',
    help: 'One transaction: rows and position',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  return {
    moved(projection, progress) {
      if (progress.tookMs === undefined) return;
      events.inc({ projection }, progress.events);
      if (progress.unknown > 0) unknown.inc({ projection }, progress.unknown);
      if (progress.malformed > 0) malformed.inc({ projection }, progress.malformed);
      batches.observe({ projection }, progress.events);
      commits.observe({ projection }, progress.tookMs / 1_000);
    },
    waited: (projection, reason) => retries.inc({ projection, reason: reasonOf(reason) }),
  };
}
