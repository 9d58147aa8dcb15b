import type { FeedSettings } from '@crunch-node/domain';
import { readTimeText } from '@crunch-node/streams';
import { InvalidFeedOption, type Speed } from './provider.ts';

/** Reads the free-form options of a provider; every fault names the provider, the option and what was expected. */
export interface OptionReader {
  text(name: string): string | undefined;
  number(
    name: string,
    rule: { readonly min: number; readonly max?: number; readonly integer?: boolean },
  ): number | undefined;
  /** Strict ISO 8601; a date or a time without a zone is UTC. Epoch milliseconds. */
  time(name: string): number | undefined;
  /** `max`, or a factor of real time above 0 such as `60` or `60x`; `max` when absent */
  speed(name: string): Speed;
  /** an absolute URL without a trailing slash */
  url(name: string, fallback: string): string;
  /** @throws when it is missing; `expected` describes a valid value */
  required(name: string, expected: string): string;
  /** the first of the choices when absent */
  choice<C extends string>(name: string, choices: readonly [C, ...C[]]): C;
  /** the result of `parse`; its null means that the text is not `expected` */
  parsed<T>(name: string, expected: string, parse: (text: string) => T | null): T | undefined;
}

export function optionsOf({ provider, options }: FeedSettings): OptionReader {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(options, name) ? options[name]?.trim() : undefined;
    return value === '' ? undefined : value;
  };
  const invalid = (name: string, expected: string): never => {
    throw new InvalidFeedOption(provider, name, expected, options[name]);
  };
  return {
    text,
    number(name, { min, max = Number.MAX_VALUE, integer = false }) {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      const fits = number >= min && number <= max && (!integer || Number.isSafeInteger(number));
      const bounds = max === Number.MAX_VALUE ? `of at least ${min}` : `from ${min} to ${max}`;
      return fits ? number : invalid(name, `${integer ? 'an integer' : 'a number'} ${bounds}`);
    },
    time(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const millis = readTimeText(value)?.millis;
      return millis ?? invalid(name, 'a time (UTC) such as 2024-01-31 or 2024-01-31T12:00:00Z');
    },
    speed(name) {
      const value = text(name);
      if (value === undefined || value === 'max') return 'max';
      const factor = Number(value.replace(/x$/, ''));
      return Number.isFinite(factor) && factor > 0 ? factor : invalid(name, 'max or a factor above 0 such as 60');
    },
    url(name, fallback) {
      const value = text(name) ?? fallback;
      return URL.canParse(value) ? value.replace(/\/+$/, '') : invalid(name, 'an absolute URL');
    },
    required: (name, expected) => text(name) ?? invalid(name, expected),
    choice(name, choices) {
      const value = text(name);
      return choices.find((choice) => choice === (value ?? choices[0])) ?? invalid(name, choices.join(' or '));
    },
    parsed(name, expected, parse) {
      const value = text(name);
      return value === undefined ? undefined : (parse(value) ?? invalid(name, expected));
    },
  };
}
