import { Gauge, type Registry } from 'prom-client';
import type { ProjectionStatus, Runner } from './runner.ts';

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
];

/** Gauges per projection, read when they are asked for. */
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
