import type { Instant } from '@crunch-node/streams';

/** What the answers of a route are made of. */
export interface Reads {
  /** projections, the one it is mainly about first; none: only code and configuration */
  readonly projections: readonly string[];
  /** Whether an answer to this query also depends on the time it is asked. */
  readonly isRelative: (query: unknown) => boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    reads?: Reads;
  }
}

/** To be spread into the options of a GET route: `app.get(path, { schema, ...reads('leaderboards') }, …)`. */
export const reads = (...projections: readonly string[]): { readonly config: { readonly reads: Reads } } => ({
  config: { reads: { projections, isRelative: () => false } },
});

/** As {@link reads}, of a span of time that ends now unless the query says when. */
export const readsUntilNow = (...projections: readonly string[]): { readonly config: { readonly reads: Reads } } => ({
  config: { reads: { projections, isRelative: (query) => (query as { end?: Instant }).end === undefined } },
});

/** As {@link reads}, of what is answered while Postgres is away, too: compared by content alone. */
export const readsIfThere = (): { readonly config: { readonly reads: Reads } } => ({
  config: { reads: { projections: [], isRelative: () => true } },
});
