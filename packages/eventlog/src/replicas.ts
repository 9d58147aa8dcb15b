import type { Connection } from './connection.ts';
import { ReplicasUnsafe } from './errors.ts';
import { isOlder } from './server-version.ts';

/** Before it, replicated streams were lost, and expected sequences raced between leaders. */
const SAFE_FROM = '2.10.23';

/** @throws {ReplicasUnsafe} for more than one on a server that loses some */
export function assertReplicable({ generation }: Pick<Connection, 'generation'>, replicas: number): void {
  const version = generation?.version ?? '0.0.0';
  if (replicas > 1 && isOlder(version, SAFE_FROM)) throw new ReplicasUnsafe(replicas, version, SAFE_FROM);
}
