import { configIdOf } from '@crunch-node/config';
import { allProjections, type Projection } from '@crunch-node/projections';
import { CrunchError } from '@crunch-node/streams/errors';

/** The requested projection does not exist. */
export class UnknownProjection extends CrunchError {
  override readonly name = 'UnknownProjection';
  override readonly code = 'unknown_projection';
  readonly received: readonly string[];
  constructor(received: readonly string[], known: readonly string[]) {
    super(`expected names of projections (${known.join(', ')}), received ${received.join(', ')}`);
    this.received = received;
  }
}

/** @throws {UnknownProjection} */
export function projectionsNamed(only: readonly string[] | undefined): readonly Projection[] {
  const all = allProjections({ configIdOf });
  if (only === undefined) return all;
  const names = all.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new UnknownProjection(unknown, names);
  return all.filter(({ name }) => only.includes(name));
}
