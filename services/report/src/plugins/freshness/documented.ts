import type { FastifySchema } from 'fastify';
import { parametersOf, query } from '../http/query.ts';
import { minSeq } from './min-seq.ts';
import { freshnessHeaders } from './standing.ts';

const etag = 'Weak: of what the answer is made of, and of its content. Send it back as `If-None-Match`';
const texts = Object.entries(freshnessHeaders);
const headers = {
  ...Object.fromEntries(texts.map(([name, description]) => [name, { type: 'string', description }])),
  ETag: { type: 'string', description: etag },
};

/** A route's schema with the additions of the freshness contract: `min_seq`, the headers, 304. */
export function documented(
  schema: FastifySchema = {},
  streams: readonly string[],
  known: ReadonlySet<string>,
): FastifySchema {
  const response = (schema.response ?? {}) as Readonly<Record<string, object>>;
  const { headers: own } = (response['200'] ?? {}) as { readonly headers?: object };
  const parameters = parametersOf((schema.querystring ?? {}) as object) ?? {};
  return {
    ...schema,
    ...(streams.length > 0 && { querystring: query({ ...parameters, min_seq: minSeq(streams, known) }) }),
    response: {
      ...response,
      ...('200' in response && {
        200: { ...response['200'], headers: { ...own, ...(streams.length > 0 ? headers : { ETag: headers.ETag }) } },
      }),
      304: { type: 'null', description: 'Nothing has changed since the answer with this tag' },
    },
  };
}
