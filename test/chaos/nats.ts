/** The nats-server of a run, or the three of them, and what an operator or a fault does to them. */
import { setTimeout as delay } from 'node:timers/promises';
import { type NatsServer, startNatsServer } from '@crunch-node/embedded';
import { type NatsCluster, privateNatsCluster } from '@crunch-node/embedded/testing';
import { allStreams, type Namespace } from '@crunch-node/streams';
import { askServer } from '../support/server-api.ts';
import type { MajorityLoss } from './plan.ts';

export interface ChaosNats {
  /** of three: the first of them, at the address of all */
  readonly server: NatsServer;
  readonly replicas: 1 | 3;
  /** Two of three are gone for so long; when they are back, nothing acknowledged may be missing. */
  loseMajority(how: MajorityLoss, forMs: number): Promise<void>;
  /** Another server of the three leads each stream from now on. */
  moveLeaders(namespace: Namespace): Promise<void>;
  /** A backup of each stream in the same account. It takes few messages, so its replies are soon outdated. */
  mirrorAll(namespace: Namespace): Promise<void>;
  logFiles(): readonly string[];
  stop(): Promise<void>;
}

const MIRRORED = 20;

const streamsOf = (namespace: Namespace): string[] => [
  ...allStreams.map(({ name }) => namespace.streamName(name)),
  `KV_${namespace.streamName('leases')}`,
  `OBJ_${namespace.streamName('states')}`,
];

export async function startChaosNats(
  binary: string,
  storeDir: string,
  { replicas, moreConfig }: { readonly replicas: 1 | 3; readonly moreConfig?: string },
): Promise<ChaosNats> {
  const cluster = replicas === 3 ? await privateNatsCluster({ binary }) : undefined;
  const first = cluster?.servers[0];
  const single =
    first === undefined ? await startNatsServer({ binary, storeDir, ...(moreConfig && { moreConfig }) }) : undefined;
  const server = single ?? (Object.create(first!, { url: { value: cluster!.url } }) as NatsServer);
  const servers = cluster?.servers ?? [server];

  return {
    server,
    replicas,
    async loseMajority(how, forMs) {
      if (cluster !== undefined) await loseMajorityOf(cluster, how, forMs);
    },
    moveLeaders: (namespace) => moveLeaders(servers, namespace),
    mirrorAll: (namespace) => mirrorAll(servers, namespace),
    logFiles: () => servers.map(({ logFile }) => logFile),
    stop: () => (cluster ?? server).stop(),
  };
}

/** Queries each server that runs, until one answers. */
async function ask(servers: readonly NatsServer[], natsSubject: string, body: object | null = null): Promise<void> {
  for (const { url, running } of servers) {
    if (!running) continue;
    const [own] = url.split(',');
    const answered = await askServer<object>(own!, natsSubject, body).catch(() => null);
    if (answered !== null) return;
  }
}

export async function moveLeaders(servers: readonly NatsServer[], namespace: Namespace): Promise<void> {
  for (const stream of streamsOf(namespace)) await ask(servers, `$JS.API.STREAM.LEADER.STEPDOWN.${stream}`);
}

export async function mirrorAll(servers: readonly NatsServer[], namespace: Namespace): Promise<void> {
  for (const stream of streamsOf(namespace)) {
    const name = `${stream}_backup`;
    const config = { name, storage: 'file', mirror: { name: stream }, max_msgs: MIRRORED, discard: 'new' };
    await ask(servers, `$JS.API.STREAM.CREATE.${name}`, { ...config, allow_rollup_hdrs: true });
  }
}

export async function loseMajorityOf({ servers }: NatsCluster, how: MajorityLoss, forMs: number): Promise<void> {
  const [third, ...two] = servers as readonly [NatsServer, NatsServer, NatsServer];
  if (how === 'majority frozen') {
    for (const { pid } of two) process.kill(pid, 'SIGSTOP');
    await delay(forMs);
    for (const { pid } of two) process.kill(pid, 'SIGCONT');
    return;
  }
  await Promise.all(two.map((one) => one.kill('SIGKILL')));
  await delay(forMs);
  // What only the third server has was never acknowledged: it is gone when the others come back.
  if (how === 'majority killed, then the third') await third.kill('SIGKILL');
  await Promise.all(two.map((one) => one.restart()));
  if (how === 'majority killed, then the third') {
    await delay(Math.min(forMs, 5_000));
    await third.restart();
  }
}
