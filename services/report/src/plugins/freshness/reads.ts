/** What the responses of a route are made of. */
export interface Reads {
  /** projections, the one it is mainly about first; none: only code and configuration */
  readonly projections: readonly string[];
  /** Whether the response to this query also depends on the time of the request. */
  readonly isRelative: (query: unknown) => boolean;
  /**
   * `bounded`: of a span of time between `start` and `end`, shared by all equal requests within a minute, and made by
   * few at a time. `open`: the same, and the end is now unless the query sets it.
   */
  readonly span?: 'bounded' | 'open';
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

/** As {@link reads}, of a span of time that ends now unless the query sets the end. */
export const readsUntilNow = (...projections: readonly string[]): { readonly config: { readonly reads: Reads } } => ({
  config: { reads: { projections, isRelative: () => false, span: 'open' } },
});

/** As {@link reads}, of a span of time whose bounds may be missing. */
export const readsSpan = (...projections: readonly string[]): { readonly config: { readonly reads: Reads } } => ({
  config: { reads: { projections, isRelative: () => false, span: 'bounded' } },
});

/** As {@link reads}, of responses that are also made while Postgres is away: compared by content alone. */
export const readsIfThere = (): { readonly config: { readonly reads: Reads } } => ({
  config: { reads: { projections: [], isRelative: () => true } },
});
