import type { Thinnable } from '@crunch-node/projections';
import type { FastifyReply } from 'fastify';

/** Marks a response that does not have every row. */
export const THINNED = 'X-Crunch-Thinned';

const header = {
  type: 'integer',
  description:
    'Only when rows are left out: seconds of a stretch. Each series has its newest row of each stretch, and stretches ' +
    'begin at multiples of their length since the epoch, so that they stay the same from one request to the next',
} as const;

/** A response that may be thinned, as it is documented. */
export const thinnable = <S extends object>(schema: S): S => ({ ...schema, headers: { [THINNED]: header } });

/** The rows, and in the headers what was left out. */
export function rowsOf<T>(reply: FastifyReply, { rows, stretch_seconds }: Thinnable<T>): readonly T[] {
  if (stretch_seconds !== null) reply.header(THINNED, stretch_seconds);
  return rows;
}
