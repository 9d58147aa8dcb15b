import { CrunchError } from '@crunch-node/streams/errors';

/** Everything that is wrong with a configuration, at once: one line per fault, each with the path to it. */
export class ConfigError extends CrunchError {
  override readonly name = 'ConfigError';
  override readonly code = 'configuration_invalid';
  readonly faults: readonly string[];
  constructor(what: string, faults: readonly string[], options?: ErrorOptions) {
    const [only] = faults;
    super(
      faults.length === 1 ? `${what}: ${only}` : [`${what} has ${faults.length} faults:`, ...faults].join('\n  '),
      options,
    );
    this.faults = faults;
  }
}

/** A value as a person can recognise it in a fault, shortened. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 5).join(', ')}`;
  }
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
