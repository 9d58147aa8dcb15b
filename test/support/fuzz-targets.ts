import { fuzzRows, type RowFuzz } from '@crunch-node/feeds/testing';
import { type ReportOptions, securityFrom, startReport } from '@crunch-node/report';
import type { Service, ServiceHealth } from '@crunch-node/service';
import { type FuzzResult, fuzz } from '../../services/report/src/testing/fuzz/fuzz.ts';
import { recordedLogger } from '../../services/report/src/testing/recorded-logger.ts';
import { freshNamespace, startPipeline, syntheticFeed } from './pipeline.ts';
import type { Servers } from './servers.ts';
import { startTournament } from './tournament.ts';

const KEYS = ['the-key-of-a-dashboard', 'the-key-of-the-operator'];

/** A complete API, for random requests. */
export interface FuzzTarget {
  readonly name: string;
  ask(seed: number, goesOn: (made: number) => boolean): Promise<FuzzResult>;
  /** internal faults, independent of the responses */
  faultsInside(): string[];
  stop(): Promise<void>;
}

type Where = Pick<ReportOptions, 'databaseUrl' | 'namespace' | 'config' | 'log' | 'pace'>;

async function target(
  name: string,
  where: Where,
  services: readonly Service[],
  stop: () => Promise<void>,
): Promise<FuzzTarget> {
  const { logger, lines } = recordedLogger();
  const child = Object.assign(logger, { child: () => logger });
  const security = securityFrom({
    API_KEYS: [`dashboard:read:${KEYS[0]}`, `ops:admin:${KEYS[1]}`],
    API_READ_AUTH: true,
  });
  const report = await startReport({ ...where, security, host: '127.0.0.1', port: 0, version: 'fuzz', logger: child });
  const broken = ({ state }: ServiceHealth): boolean => state === 'failed';
  return {
    name,
    ask: (seed, goesOn) => fuzz({ url: report.url, seed, keys: KEYS, goesOn }),
    faultsInside: () => [
      ...lines
        .filter(({ level }) => level === 'error')
        .map(({ text, facts }) => `${text}: ${facts.url} ${(facts.err as Error | undefined)?.stack}`),
      ...services.filter((service) => broken(service.health())).map((service) => `${service.name} has failed`),
    ],
    async stop() {
      await report.stop();
      await stop();
    },
  };
}

/** Rows of feeds, which need no server. */
export const fuzzedRows = (seed: number, goesOn: (made: number) => boolean): RowFuzz => fuzzRows(seed, goesOn);

/** A competition that has run, with checkpoints to take further. */
export async function fuzzedCompetition({ nats, postgres }: Servers): Promise<FuzzTarget> {
  const where = { databaseUrl: postgres.url, namespace: freshNamespace() };
  const config = { checkpoint_interval_seconds: 600, ensembles: [{ name: 'main' }] };
  const pipeline = await startPipeline({ natsUrl: nats.url, ...where, config, feed: syntheticFeed(40) });
  await pipeline.finished();
  await pipeline.projected();
  const { log } = pipeline;
  return target('competition', { ...where, config: pipeline.config, log, pace: 'replay' }, pipeline.services, () =>
    pipeline.stop(),
  );
}

/** A tournament, whose rounds are requested by the random requests themselves. */
export async function fuzzedTournament({ nats, postgres }: Servers): Promise<FuzzTarget> {
  const where = { databaseUrl: postgres.url, namespace: freshNamespace() };
  const tournament = await startTournament({ natsUrl: nats.url, ...where });
  const { log, config } = tournament;
  return target('tournament', { ...where, config, log }, [tournament.ingest], () => tournament.stop());
}
