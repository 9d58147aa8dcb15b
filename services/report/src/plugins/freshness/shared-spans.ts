import { type RecordedSpan, recordedSpan } from '@crunch-node/projections';
import type { FastifyRequest } from 'fastify';
import type { RouteContext } from '../../route-context.ts';
import type { Reads } from './reads.ts';
import { type Span, sharedSpan } from './span.ts';
import type { AnswerStanding } from './standing.ts';

type SpanFor = (request: FastifyRequest, kind: NonNullable<Reads['span']>, standing: AnswerStanding) => Promise<Span>;

/** Puts the shared bounds into the query of a request. The recorded range is looked up once per set of positions. */
export function sharedSpans({ db, now }: Pick<RouteContext, 'db' | 'now'>): SpanFor {
  const known = new WeakMap<AnswerStanding, Promise<RecordedSpan | null>>();
  const recordedBy = (standing: AnswerStanding): Promise<RecordedSpan | null> => {
    const found = known.get(standing);
    if (found !== undefined) return found;
    const asked = recordedSpan(db);
    known.set(standing, asked);
    asked.catch(() => known.delete(standing));
    return asked;
  };
  return async (request, kind, standing) => {
    const query = request.query as Span;
    const end = query.end ?? (kind === 'open' ? await now() : undefined);
    const span = sharedSpan({ start: query.start, end }, await recordedBy(standing));
    request.query = { ...query, ...span };
    return span;
  };
}
