import { CrunchError } from '@crunch-node/streams/errors';

/** Access tiers: public needs no key, read only where reading is protected, admin always. */
export type Tier = 'public' | 'read' | 'admin';

/** A prefix of whole path segments; with a slash at its end only what lies below it. */
interface Prefix {
  readonly segments: readonly string[];
  readonly onlyBelow: boolean;
}

export interface TierRules {
  readonly publicPrefixes: readonly string[];
  readonly adminPrefixes: readonly string[];
  /** never public, whatever public prefix they are below; `*` is any segment */
  readonly readPrefixes?: readonly string[];
}

/** Unless the environment overrides it. A write is admin everywhere. */
export const defaultTierRules: TierRules = {
  publicPrefixes: [
    '/healthz',
    '/readyz',
    '/info',
    '/docs',
    '/redoc',
    '/openapi.json',
    '/favicon.ico',
    '/reports/schema',
    '/reports/leaderboard',
    '/reports/models',
    '/reports/feeds',
    '/reports/diversity',
    '/reports/ensemble',
    '/reports/checkpoints/rewards',
    '/reports/merkle',
  ],
  adminPrefixes: ['/reports/backfill', '/custom'],
  // It quotes the errors of participants' models, as predictions do, which strangers must not see.
  readPrefixes: ['/reports/models/*/status'],
};

/** A prefix that no path can match. */
export class BadPrefix extends CrunchError {
  override readonly name = 'BadPrefix';
  override readonly code = 'bad_prefix';
  readonly prefix: string;
  constructor(prefix: string) {
    super(
      `expected a path prefix of whole segments such as /reports/models, received ${JSON.stringify(prefix)}: ` +
        'write it plain, from the first slash on, without //, . or .. segments, %, ?, # or \\',
    );
    this.prefix = prefix;
  }
}

/**
 * Segments of the matched path. `null` is one whose text is not certain: it protects, since every admin prefix may
 * match it, and never opens, since no public one does.
 */
export type RoutedSegments = readonly (string | null)[];

export type TierOf = (method: string, path: RoutedSegments) => Tier;

/** Whatever prefixes are configured: it names machines and quotes messages. */
const ALWAYS_ADMIN = ['/operations'];

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
export const isWrite = (method: string): boolean => !SAFE_METHODS.has(method);

/** @throws {BadPrefix} */
export function tiersBy({ publicPrefixes, adminPrefixes, readPrefixes = [] }: TierRules): TierOf {
  const open = publicPrefixes.map(prefixOf);
  const closed = adminPrefixes.map(prefixOf);
  const always = ALWAYS_ADMIN.map(prefixOf);
  const notOpen = readPrefixes.map(prefixOf);
  return (method, path) => {
    if (isWrite(method) || always.some((prefix) => covers(prefix, path, false))) return 'admin';
    const isOpen = open.some((prefix) => covers(prefix, path, false));
    if (isOpen && !notOpen.some((prefix) => covers(prefix, path, true))) return 'public';
    return closed.some((prefix) => covers(prefix, path, true)) ? 'admin' : 'read';
  };
}

/** Whether a prefix matches none of these paths. */
export const matchesNothing = (prefix: string, paths: readonly RoutedSegments[]): boolean =>
  !paths.some((path) => covers(prefixOf(prefix), path, true));

function prefixOf(text: string): Prefix {
  const onlyBelow = text.endsWith('/') && text !== '/';
  const segments = text === '/' ? [] : text.slice(1, onlyBelow ? -1 : undefined).split('/');
  const isPlain = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!text.startsWith('/') || !isPlain || /[%?#\\;\s]/.test(text)) throw new BadPrefix(text);
  return { segments, onlyBelow };
}

const covers = ({ segments, onlyBelow }: Prefix, path: RoutedSegments, unknownCounts: boolean): boolean =>
  path.length >= segments.length + (onlyBelow ? 1 : 0) &&
  segments.every((segment, i) => segment === '*' || (path[i] === null ? unknownCounts : path[i] === segment));
