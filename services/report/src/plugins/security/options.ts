import { type ApiKey, adminKey, isHashed, KEY_LENGTH, namedKeys } from './keys.ts';
import { frameOrigin } from './page-headers.ts';
import { defaultTierRules, type TierRules } from './tiers.ts';

/** Access and rate limits, and the handling of overload. */
export interface SecurityOptions extends TierRules {
  /** none: everything is open, and changes are accepted from this machine only */
  readonly keys: readonly ApiKey[];
  /** what is neither public nor admin needs a key too */
  readonly readAuth: boolean;
  /** `?api_key=` counts */
  readonly keyInQuery: boolean;
  /** requests per minute and address; 0 is no limit. Requests from this machine are never limited. */
  readonly rateLimitPerMinute: number;
  /** addresses or networks whose `X-Forwarded-For` is believed */
  readonly trustedProxies: readonly string[];
  /** origins whose pages may show ours in a frame; default none */
  readonly frameOrigins?: readonly string[];
  /** beyond this mean delay of the event loop requests are refused; 0 is never */
  readonly maxEventLoopDelayMs: number;
}

export const defaultSecurity: SecurityOptions = {
  ...defaultTierRules,
  keys: [],
  readAuth: false,
  keyInQuery: true,
  // A hundred a second: the dashboards of a hundred people behind one address send less.
  rateLimitPerMinute: 6_000,
  trustedProxies: [],
  frameOrigins: [],
  // Clients have given up by then: the UI waits 15 seconds for a response.
  maxEventLoopDelayMs: 5_000,
};

/** The options set in the environment, by the names of the variables. */
export interface SecurityVariables {
  readonly REPORT_API_HOST?: string | undefined;
  readonly API_KEY?: string | undefined;
  readonly API_KEYS?: readonly string[] | undefined;
  readonly API_KEY_IN_QUERY?: boolean | undefined;
  readonly API_READ_AUTH?: boolean | undefined;
  readonly API_PUBLIC_PREFIXES?: readonly string[] | undefined;
  readonly API_ADMIN_PREFIXES?: readonly string[] | undefined;
  readonly API_RATE_LIMIT_PER_MINUTE?: number | undefined;
  readonly API_TRUSTED_PROXIES?: readonly string[] | undefined;
  readonly API_FRAME_ORIGINS?: readonly string[] | undefined;
  readonly API_MAX_EVENT_LOOP_DELAY_MS?: number | undefined;
}

/**
 * An option that is not set has its default; a list of prefixes replaces the default one.
 * @throws {BadKey} never with the key in its text
 * @throws {BadFrameOrigin}
 */
export function securityFrom(values: SecurityVariables): SecurityOptions {
  const { API_KEY: single, API_KEYS: named = [] } = values;
  return {
    keys: [...(single === undefined ? [] : [adminKey(single)]), ...namedKeys(named)],
    readAuth: values.API_READ_AUTH ?? defaultSecurity.readAuth,
    keyInQuery: values.API_KEY_IN_QUERY ?? defaultSecurity.keyInQuery,
    publicPrefixes: filled(values.API_PUBLIC_PREFIXES) ?? defaultSecurity.publicPrefixes,
    adminPrefixes: filled(values.API_ADMIN_PREFIXES) ?? defaultSecurity.adminPrefixes,
    readPrefixes: defaultSecurity.readPrefixes ?? [],
    rateLimitPerMinute: values.API_RATE_LIMIT_PER_MINUTE ?? defaultSecurity.rateLimitPerMinute,
    trustedProxies: values.API_TRUSTED_PROXIES ?? defaultSecurity.trustedProxies,
    frameOrigins: (values.API_FRAME_ORIGINS ?? []).map(frameOrigin),
    maxEventLoopDelayMs: values.API_MAX_EVENT_LOOP_DELAY_MS ?? defaultSecurity.maxEventLoopDelayMs,
  };
}

const filled = (list: readonly string[] | undefined) => (list === undefined || list.length === 0 ? undefined : list);

/** Warnings about settings that work and are not safe. */
export function securityWarnings({ API_KEY: single, API_KEYS: named, ...values }: SecurityVariables): string[] {
  const warnings: string[] = [];
  const hasKey = single !== undefined || filled(named) !== undefined;
  if (single !== undefined && !isHashed(single) && single.length < KEY_LENGTH) {
    warnings.push(
      `API_KEY is shorter than ${KEY_LENGTH} characters and can be guessed: openssl rand -hex 32 makes one`,
    );
  }
  if (!hasKey && !/^(localhost|127\..*|::1)$/.test(values.REPORT_API_HOST ?? 'localhost')) {
    warnings.push(
      'the API can be reached from other machines and has no key: everything can be read from there, ' +
        'and nothing changed; set API_KEY',
    );
  }
  if (!hasKey && values.API_READ_AUTH === true) {
    warnings.push('API_READ_AUTH has no effect without a key: set API_KEY or API_KEYS');
  }
  return warnings;
}
