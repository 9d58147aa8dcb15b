import type { CrashPoint } from '@crunch-node/eventlog';
import { type Dice, diceOf } from './dice.ts';

export const services = [
  'ingest',
  'predict',
  'score',
  'ensemble',
  'snapshot',
  'rank',
  'checkpoint',
  'project',
] as const;
export type ServiceName = (typeof services)[number];

/** What is done to a process. Times count from when it serves, `starting` from when it was started. */
export type Disturbance =
  | { readonly how: 'point'; readonly at: CrashPoint; readonly times: number }
  | { readonly how: 'kill' | 'terminate' | 'kill starting'; readonly afterMs: number }
  | { readonly how: 'freeze' | 'cut off'; readonly afterMs: number; readonly forMs: number };

export const majorityLosses = ['majority killed', 'majority frozen', 'majority killed, then the third'] as const;
export type MajorityLoss = (typeof majorityLosses)[number];

/** What is done to a server, when the ranking has come to a cycle. */
export interface ServerDisturbance {
  readonly server: 'nats-server' | 'Postgres';
  /** of three nats-servers two are lost, or another one leads each stream */
  readonly how: 'kill' | 'stop' | 'slow disk' | 'leader moved' | MajorityLoss;
  readonly atCycle: number;
  /** it is down, or its disk slow */
  readonly forMs: number;
}

/** Read models rebuilt meanwhile, by a command that is killed at each of the places, one after the other. */
export interface ReplayDisturbance {
  readonly atCycle: number;
  readonly at: readonly CrashPoint[];
}

export interface Plan {
  readonly seed: string;
  /** by name of the process: `score-2` */
  readonly processes: Readonly<Record<string, readonly Disturbance[]>>;
  readonly servers: readonly ServerDisturbance[];
  readonly replays: readonly ReplayDisturbance[];
}

const both = ['nats-server', 'Postgres'] as const;

export const replicas: Readonly<Partial<Record<ServiceName, number>>> = { predict: 2, score: 2 };

export const processNames: readonly string[] = services.flatMap((service) => {
  const count = replicas[service] ?? 1;
  return count === 1 ? [service] : Array.from({ length: count }, (_, i) => `${service}-${i + 1}`);
});

export const serviceOf = (process: string): ServiceName => process.replace(/-\d+$/, '') as ServiceName;

/** Before what a stage remembers is saved, and when it is. */
const ofState = { 'state-due': 1, 'state-written': 1 } as const;

/** Places a service passes, with how often one process may pass them before it is the turn of the next. */
const points: Readonly<Record<ServiceName, Readonly<Partial<Record<CrashPoint, number>>>>> = {
  ingest: { stored: 40, 'cycle-published': 10, 'lease-renewed': 1 },
  predict: {
    stored: 150,
    'cycle-published': 60,
    'cycle-closed': 60,
    'models-asked': 150,
    'lease-renewed': 12,
    ...ofState,
  },
  score: { stored: 150, 'cycle-published': 60, 'cycle-closed': 60, 'lease-renewed': 12, ...ofState },
  ensemble: {
    stored: 60,
    'cycle-published': 15,
    'cycle-closed': 15,
    'models-asked': 60,
    'lease-renewed': 6,
    ...ofState,
  },
  snapshot: { stored: 90, 'cycle-published': 15, 'cycle-closed': 15, 'lease-renewed': 6, ...ofState },
  rank: { stored: 40, 'cycle-published': 15, 'cycle-closed': 15, 'lease-renewed': 6, ...ofState },
  checkpoint: { stored: 15, 'cycle-published': 15, 'cycle-closed': 15, 'lease-renewed': 6, ...ofState },
  project: { 'in-transaction': 25, committed: 25 },
};

const replayPoints: readonly CrashPoint[] = [
  'replay-copied',
  'replay-indexed',
  'replay-caught-up',
  'replay-exchanging',
  'replay-exchanged',
  'replay-committed',
];

export interface PlanOptions {
  /** how often each process is ended */
  readonly endings: number;
  readonly cycles: number;
  /** nats-servers, default 1; of three the majority is lost, and leaders move */
  readonly replicas?: 1 | 3;
  /** what is done, by name: processes, services, places, ways, servers; default everything */
  readonly only?: readonly string[];
}

/** What a run suffers: a function of its seed. */
export function planOf(seed: string, { endings, cycles, only, replicas = 1 }: PlanOptions): Plan {
  const dice = diceOf(seed);
  const wanted = (...names: readonly string[]): boolean =>
    only === undefined || names.some((name) => only.includes(name));
  const processes = Object.fromEntries(
    processNames.map((name) => {
      const service = serviceOf(name);
      const all = endingsOf(dice, service, endings);
      return [name, all.filter((one) => wanted(name, service, one.how, one.how === 'point' ? one.at : ''))];
    }),
  );
  const cycle = (): number => dice.between(5, Math.max(5, cycles - 10));
  const servers: ServerDisturbance[] = both
    .map((server) => ({
      server,
      how: dice.oneOf(['kill', 'kill', 'stop'] as const),
      atCycle: cycle(),
      forMs: dice.between(0, 2_000),
    }))
    .filter(({ server, how }) => wanted(server, `${server} ${how}`));
  const replays = [{ atCycle: cycle(), at: dice.shuffled(replayPoints).slice(0, 2) }].filter(() => wanted('replay'));
  const slow = both
    .map((server) => ({ server, how: 'slow disk', atCycle: cycle(), forMs: dice.between(2_000, 6_000) }) as const)
    .filter(({ server, how }) => wanted(server, how, `${server} ${how}`));
  // Last, so that plans for one server are what they were.
  const cluster = (replicas === 3 ? ofThree(dice, cycle) : []).filter(({ server, how }) => wanted(server, how));
  return { seed, processes, servers: [...servers, ...slow, ...cluster], replays };
}

/** Shorter and longer than the timers of a writer: 5 s until it repeats, 30 s until it gives up. */
const ofThree = (dice: Dice, cycle: () => number): ServerDisturbance[] => [
  ...dice.shuffled(majorityLosses).map((how, i) => ({
    server: 'nats-server' as const,
    how,
    atCycle: cycle(),
    forMs: i === 0 ? dice.between(32_000, 38_000) : dice.between(2_000, 12_000),
  })),
  ...[1, 2].map(() => ({ server: 'nats-server', how: 'leader moved', atCycle: cycle(), forMs: 0 }) as const),
];

/** Places and instants in turn, so that few endings already have both; what leaves the process alive comes last. */
function endingsOf(dice: Dice, service: ServiceName, count: number): Disturbance[] {
  const places = dice.shuffled(Object.entries(points[service]) as [CrashPoint, number][]);
  // At replay pace ingest has published everything within seconds, so it is ended before that.
  const isBrief = service === 'ingest';
  const endings = Array.from({ length: count }, (_, i): Disturbance => {
    const [at, most] = places[Math.floor(i / 2) % places.length]!;
    if (i % 2 === 0) return { how: 'point', at, times: dice.between(1, most) };
    const how = dice.oneOf(['kill', 'kill', 'kill', 'kill starting', 'terminate'] as const);
    return { how, afterMs: dice.between(0, isBrief ? 300 : 4_000) };
  });
  const how = dice.oneOf(['freeze', 'freeze', 'cut off', 'cut off', null] as const);
  const survived = { afterMs: dice.between(0, 1_000), forMs: dice.between(2_500, 5_000) };
  return [...(isBrief ? endings : dice.shuffled(endings)), ...(how === null ? [] : [{ how, ...survived }])];
}

export function textOf(disturbance: Disturbance): string {
  switch (disturbance.how) {
    case 'point':
      return `kill -9 at ${disturbance.at}:${disturbance.times}`;
    case 'kill':
      return `kill -9 after ${disturbance.afterMs} ms`;
    case 'kill starting':
      return `kill -9 ${disturbance.afterMs} ms into its start`;
    case 'terminate':
      return `SIGTERM after ${disturbance.afterMs} ms`;
    case 'freeze':
      return `SIGSTOP for ${disturbance.forMs} ms after ${disturbance.afterMs} ms`;
    case 'cut off':
      return `network stalled for ${disturbance.forMs} ms, then reset, after ${disturbance.afterMs} ms`;
  }
}
