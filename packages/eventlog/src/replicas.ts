import type { Connection } from './connection.ts';
import { ReplicasUnsafe } from './errors.ts';
import { isOlder } from './server-version.ts';

/** Older versions lost replicated streams, and expected sequences raced between leaders. */
const SAFE_FROM = '2.10.23';

/** @throws {ReplicasUnsafe} for more than one on a server version that loses replicated streams */
export function assertReplicable({ generation }: Pick<Connection, 'generation'>, replicas: number): void {
  const version = generation?.version ?? '0.0.0';
  if (replicas > 1 && isOlder(version, SAFE_FROM)) throw new ReplicasUnsafe(replicas, version, SAFE_FROM);
}
