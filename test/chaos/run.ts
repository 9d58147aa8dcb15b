import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { activateConfig } from '@crunch-node/operations/activate';
import { projected } from '@crunch-node/operations/projection-lag';
import { openReadModel } from '@crunch-node/projections';
import { allStreams } from '@crunch-node/streams';
import { freshNamespace } from '../support/pipeline.ts';
import { startStallingProxy } from '../support/stalling-proxy.ts';
import { type Suffered, startInstance } from './instance.ts';
import { type Plan, processNames, serviceOf } from './plan.ts';
import { runReplays } from './replays.ts';
import { disturbServers, type ServerSuffered } from './servers.ts';
import { watchStandings } from './standings.ts';
import type { Surroundings } from './surroundings.ts';
import { faultsOf } from './verdict.ts';

export interface RunResult {
  readonly seed: string;
  readonly suffered: readonly Suffered[];
  readonly servers: readonly ServerSuffered[];
  readonly faults: readonly string[];
  readonly seconds: number;
  /** folder with the output of the processes, printed when something is wrong */
  readonly folder: string | null;
}

export interface ChaosContext {
  readonly surroundings: Surroundings;
  readonly cycles: number;
  /** logs of failed runs */
  readonly folder: string;
  readonly deadlineMs?: number;
  /** each stream has a mirror in the account, which is behind */
  readonly mirrored?: boolean;
  print(line: string): void;
}

/** One run to the end of its feed, through everything its plan does to it, and the verdict about it. */
export async function run(
  plan: Plan,
  { surroundings, cycles, folder, deadlineMs = 900_000, mirrored = false, print }: ChaosContext,
): Promise<RunResult> {
  const { nats, postgres, loaded, args, envOf } = surroundings;
  const expected = await surroundings.undisturbed();
  const startedAt = performance.now();
  const logs = join(folder, `run-${plan.seed.replaceAll('/', '-')}`);
  await mkdir(logs, { recursive: true });
  const namespace = freshNamespace();
  const { leaseSeconds } = surroundings;
  const { url } = nats.server;
  const log = await connectLog({ url, namespace, leaseSeconds, replicas: nats.replicas, patienceMs: deadlineMs });
  await log.ensureStreams(allStreams);
  if (mirrored) {
    await Promise.all([log.leases(), log.states()]);
    await nats.mirrorAll(namespace);
  }
  await activateConfig(log, loaded.config, loaded.hash, 'replay');
  const readModel = openReadModel({ url: postgres.url, schema: namespace.schema, connections: 2 });
  const start = new Date(Date.parse(expected.end) - cycles * loaded.config.cycle_seconds * 1000).toISOString();
  const standings = watchStandings({ log, readModel, config: loaded.config, end: expected.end, start });
  const env = envOf(namespace);
  const servers = disturbServers(plan.servers, { nats, namespace, postgres, standings, print });
  const replays = runReplays(plan.replays, {
    env,
    logFile: join(logs, 'replay.log'),
    standings,
    serversAway: () => servers.away,
    print,
  });
  const proxies = await Promise.all(
    processNames.map(async (name) =>
      plan.processes[name]?.some(({ how }) => how === 'cut off')
        ? startStallingProxy(() => nats.server.port)
        : undefined,
    ),
  );
  const instances = processNames.map((name, i) =>
    startInstance({
      name,
      disturbances: plan.processes[name] ?? [],
      args: ['serve', serviceOf(name), ...args, '--log-level', 'info'],
      env: { ...env, ...(proxies[i] && { NATS_URL: `nats://127.0.0.1:${proxies[i].port}` }) },
      logFile: join(logs, `${name}.log`),
      proxy: proxies[i],
      standings,
      serversAway: () => servers.away,
      print,
    }),
  );
  const faults: string[] = [];
  const isOver = (): boolean => standings.isDone && (instances.every(({ isThrough }) => isThrough) || hasSettled());
  /** a process that waits for a place no longer passed would wait for ever */
  let doneSince: number | undefined;
  function hasSettled(): boolean {
    doneSince ??= performance.now();
    return performance.now() - doneSince > 3_000;
  }
  try {
    const isLate = (): boolean => performance.now() - startedAt > deadlineMs;
    await until('the end', () => isOver() || isLate(), { everyMs: 100, deadlineMs });
    if (!isOver()) faults.push(`not through within ${deadlineMs / 1000} s: ${await positionsNow()}`);
    await Promise.all(instances.map((instance) => instance.finish()));
    await servers.settled();
    faults.push(...(await replays.settled()));
    await within(120_000, 'the projections', (signal) => projected(log, readModel, signal));
    await Promise.all(instances.map((instance) => instance.stop()));
    if (faults.length === 0) faults.push(...(await faultsOf({ log, readModel, namespace, surroundings, expected })));
  } catch (error) {
    faults.push((error as Error).stack ?? String(error));
  } finally {
    for (const instance of instances) await instance.stop();
    await replays.stop();
    await servers.settled();
    await standings.close();
    for (const proxy of proxies) await proxy?.close();
    await readModel.close();
    await log.close();
  }
  faults.push(...instances.flatMap((instance) => instance.faults));
  if (faults.length === 0) await rm(logs, { recursive: true, force: true });
  else await writeFile(join(logs, 'servers.log'), await surroundings.serverLogs());
  return {
    seed: plan.seed,
    suffered: [...instances.flatMap((instance) => instance.suffered), ...replays.suffered],
    servers: servers.suffered,
    faults,
    seconds: (performance.now() - startedAt) / 1000,
    folder: faults.length === 0 ? null : logs,
  };

  async function positionsNow(): Promise<string> {
    const services = [...new Set(processNames.map(serviceOf))];
    return services.map((service) => `${service} ${standings.cycleOf(service)}`).join(', ');
  }
}

async function within(ms: number, what: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const timeout = AbortSignal.timeout(ms);
  try {
    await work(timeout);
  } catch (error) {
    throw timeout.aborted ? new Error(`expected ${what} within ${ms / 1000} s`) : error;
  }
}
