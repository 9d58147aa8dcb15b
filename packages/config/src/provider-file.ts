import type { FeedSettings } from '@crunch-node/domain';
import { ConfigError, shown } from './config-error.ts';

/** A path rather than the name of a provider: it has a slash, or the ending of a module. */
export const PROVIDER_FILE = /^.*[/\\].*$|^[^#]+\.[cm]?[jt]s(#.*)?$/;

export const isProviderFile = (provider: string): boolean => PROVIDER_FILE.test(provider);

/** `./feeds/My Provider.ts` is called `my-provider`. */
export function nameOfFile(path: string): string {
  const [base = ''] = path.split(/[/\\]/).slice(-1);
  const name = base
    .replace(/\.[cm]?[jt]s$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+/, '');
  return name === '' ? 'custom' : name;
}

/**
 * The factory in a file; its faults name the file and what was expected.
 * @throws {ConfigError} when it is no function
 */
export function ownFactory(path: string, exported: unknown): NonNullable<FeedSettings['factory']> {
  const what = `The feed provider ${path}`;
  if (typeof exported !== 'function') {
    throw new ConfigError(what, [`expected a function (settings, reports) => provider, received ${shown(exported)}`]);
  }
  const { options } = exported as { readonly options?: unknown };
  if (options !== undefined && !(Array.isArray(options) && options.every((name) => typeof name === 'string'))) {
    throw new ConfigError(what, [`options: expected a list of names, or nothing, received ${shown(options)}`]);
  }
  const factory: NonNullable<FeedSettings['factory']> = (settings, reports) => {
    let provider: unknown;
    try {
      provider = exported(settings, reports);
    } catch (cause) {
      throw new ConfigError(what, [(cause as Error)?.message ?? String(cause)], { cause });
    }
    const faults = providerFaults(provider);
    if (faults.length > 0) throw new ConfigError(what, faults);
    return provider;
  };
  if (options !== undefined) factory.options = options;
  return factory;
}

/** Methods of a replaying and of a live provider. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  replay: ['records'],
  live: ['list', 'fetch', 'listen'],
};

function providerFaults(provider: unknown): string[] {
  if (provider instanceof Promise) return ['expected a provider at once, received a promise: connect when asked first'];
  if (typeof provider !== 'object' || provider === null) return [`expected a provider, received ${shown(provider)}`];
  const parts = provider as Readonly<Record<string, unknown>>;
  const functions = FUNCTIONS[String(parts.pace)];
  if (functions === undefined) return [`pace: expected "live" or "replay", received ${shown(parts.pace)}`];
  const texts = parts.pace === 'live' ? ['name', 'source'] : ['name'];
  return [
    ...texts
      .filter((name) => typeof parts[name] !== 'string' || parts[name] === '')
      .map((name) => `${name}: expected a text, received ${shown(parts[name])}`),
    ...(parts.pace === 'replay' && parts.speed !== 'max' && !(typeof parts.speed === 'number' && parts.speed > 0)
      ? [`speed: expected "max" or a number above 0, received ${shown(parts.speed)}`]
      : []),
    ...functions
      .filter((name) => typeof parts[name] !== 'function')
      .map((name) => `${name}: expected a function, received ${shown(parts[name])}`),
  ];
}
