/**
 * `CRUNCH_NAMESPACE` separates several competitions, tests and what-if runs on one server: it prefixes streams,
 * subjects, buckets and the Postgres schema. Empty by default.
 */
export interface Namespace {
  readonly name: string;
  /** `FEEDS` → `acme_FEEDS` */
  streamName(name: string): string;
  /** `feeds.cycle` → `acme.feeds.cycle` */
  natsSubject(subject: string): string;
  /** Postgres schema of the read model: `crunch`, or `crunch_acme` */
  readonly schema: string;
}

const LEGAL = /^[a-z][a-z0-9_]{0,30}$/;

/** @throws {RangeError} when the name is neither empty nor a lower-case word of at most 31 characters */
export function namespaceOf(name = ''): Namespace {
  if (name === '') return { name, streamName: (n) => n, natsSubject: (s) => s, schema: 'crunch' };
  if (!LEGAL.test(name)) {
    throw new RangeError(
      `expected CRUNCH_NAMESPACE to match ${LEGAL.source} or be empty, received ${JSON.stringify(name)}`,
    );
  }
  return { name, streamName: (n) => `${name}_${n}`, natsSubject: (s) => `${name}.${s}`, schema: `crunch_${name}` };
}
