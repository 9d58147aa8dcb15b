import { setTimeout as delay } from 'node:timers/promises';
import { type CrunchConfig, enabledEnsembles, hasRoundsByCommand } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import { stagePartitions } from '@crunch-node/pipeline';
import type { ReadModel } from '@crunch-node/projections';
import { listPositions } from '@crunch-node/projector';
import type { StreamDefinition } from '@crunch-node/streams';
import type { ServiceName } from './plan.ts';

/** Where the closings of each writer are. */
export const closingsOf = (config: CrunchConfig): readonly (readonly [ServiceName, StreamDefinition, string])[] =>
  stagePartitions({
    partitions: config.partitions,
    hasEnsembles: enabledEnsembles(config).length > 0,
    isTournament: hasRoundsByCommand(config),
  }).map(({ service, stream, closingSubject }) => [service as ServiceName, stream, closingSubject] as const);

/** How far each service has come, looked at a few times a second. */
export interface Standings {
  /** end of the last cycle all partitions of a service have closed, for people */
  cycleOf(service: ServiceName): string;
  /**
   * Resolves when all its partitions have published more than now, with how long that took; null when all is published.
   */
  goesOn(service: ServiceName): Promise<number | null>;
  /** all stages have closed the last cycle */
  readonly isDone: boolean;
  /** cycles the ranking has closed */
  readonly cycles: number;
  close(): Promise<void>;
}

const LOOK_MS = 200;

export interface StandingsContext {
  readonly log: EventLog;
  readonly readModel: ReadModel;
  readonly config: CrunchConfig;
  /** end of the last cycle of the feed */
  readonly end: string;
  readonly start: string;
}

export function watchStandings({ log, readModel, config, end, start }: StandingsContext): Standings {
  const closings = closingsOf(config);
  const slowest = new Map<ServiceName, string>();
  const stopping = new AbortController();
  const waiting = new Set<() => void>();

  async function look(): Promise<void> {
    const ends = await Promise.all(
      closings.map(
        async ([service, stream, address]) => [service, (await log.last(stream, address))?.event.at ?? ''] as const,
      ),
    );
    const seen = new Map<ServiceName, string>();
    for (const [service, at] of ends) {
      const known = seen.get(service);
      if (known === undefined || at < known) seen.set(service, at);
    }
    for (const [service, at] of seen) slowest.set(service, at);
  }

  async function lookAtRows(): Promise<void> {
    const positions = await listPositions(readModel.db, readModel.schema);
    const handled = positions.reduce((sum, { sequence }) => sum + sequence, 0);
    slowest.set('project', String(handled).padStart(10, '0'));
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await Promise.race([
        Promise.allSettled([look(), lookAtRows()]),
        delay(5_000, undefined, { ref: false }), // a server that is away keeps us no longer
      ]);
      for (const check of waiting) check();
      await delay(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
  const running = run();

  const isDone = (): boolean => closings.every(([service]) => (slowest.get(service) ?? '') >= end);
  return {
    cycleOf: (service) => (slowest.get(service) ?? '').slice(service === 'project' ? 0 : 11, 16) || 'start',
    goesOn(service) {
      const before = slowest.get(service) ?? '';
      const sinceMs = performance.now();
      return new Promise((resolve) => {
        const settle = (ms: number | null): void => {
          waiting.delete(check);
          resolve(ms);
        };
        const check = (): void => {
          const now = slowest.get(service) ?? '';
          if (now > before) settle(performance.now() - sinceMs);
          else if (stopping.signal.aborted || (service !== 'project' && now >= end)) settle(null);
        };
        waiting.add(check);
      });
    },
    get isDone() {
      return isDone();
    },
    get cycles() {
      const at = slowest.get('rank') ?? '';
      return at === '' ? 0 : Math.round((Date.parse(at) - Date.parse(start)) / (config.cycle_seconds * 1000));
    },
    async close() {
      stopping.abort();
      await running;
      for (const check of [...waiting]) check();
    },
  };
}
