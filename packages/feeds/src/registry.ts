import { didYouMean, type FeedSettings } from '@crunch-node/domain';
import { CrunchError } from '@crunch-node/streams/errors';
import { checkOptionNames, type FeedReports, type Provider, type ProviderFactory, silent } from './provider.ts';

export class UnknownProvider extends CrunchError {
  override readonly name = 'UnknownProvider';
  override readonly code = 'unknown_provider';
  readonly provider: string;
  constructor(provider: string, known: readonly string[]) {
    super(
      `expected a feed provider of ${known.join(', ')}, received ${JSON.stringify(provider)}${didYouMean(provider, known)}`,
    );
    this.provider = provider;
  }
}

export class ProviderAlreadyRegistered extends CrunchError {
  override readonly name = 'ProviderAlreadyRegistered';
  override readonly code = 'provider_already_registered';
  readonly provider: string;
  constructor(provider: string) {
    super(`a feed provider named ${JSON.stringify(provider)} is registered already; choose another name`);
    this.provider = provider;
  }
}

export interface ProviderRegistry {
  /** Names are trimmed and lower-cased. @throws {ProviderAlreadyRegistered} */
  register(name: string, factory: ProviderFactory): void;
  /** @throws {UnknownProvider | UnknownFeedOption} listing the known ones */
  create(settings: FeedSettings, reports?: FeedReports): Provider;
  names(): readonly string[];
}

/** @param declared names of the options that built-in providers read */
export function createRegistry(
  builtIn: Readonly<Record<string, ProviderFactory>>,
  declared: Readonly<Record<string, readonly string[]>> = {},
): ProviderRegistry {
  const factories = new Map<string, ProviderFactory>();
  const registry: ProviderRegistry = {
    register(name, factory) {
      const known = nameOf(name);
      if (known === '') throw new RangeError('expected a feed provider to have a name, received an empty one');
      if (factories.has(known)) throw new ProviderAlreadyRegistered(known);
      factories.set(known, factory);
    },
    create(settings, reports = silent) {
      const factory = factories.get(nameOf(settings.provider));
      if (factory === undefined) throw new UnknownProvider(settings.provider, registry.names());
      // Options of another built-in provider are left over where the provider is changed for a run.
      if (factory.options !== undefined) checkOptionNames(settings, factory.options);
      else checkOptionNames(settings, declared[nameOf(settings.provider)], Object.values(declared).flat());
      return factory(settings, reports);
    },
    names: () => [...factories.keys()].sort(),
  };
  for (const [name, factory] of Object.entries(builtIn)) registry.register(name, factory);
  return registry;
}

const nameOf = (name: string): string => name.trim().toLowerCase();
