import { CrunchError } from '@crunch-node/streams/errors';
import type { AnswerPath } from './answer-path.ts';

/** Why a density is invalid: the place, the expectation, the value. */
export class DensityFault extends CrunchError {
  override readonly name = 'DensityFault';
  override readonly code = 'density_fault';
  constructor(place: AnswerPath | string, expected: string, received: unknown) {
    super(`${String(place) || 'density'}: expected ${expected}, received ${shown(received)}`);
  }
}

/** A description of what was received, for values that would be unclear if printed. */
export class Described {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A value as a person can recognise it, at most 80 characters of it. */
export function shown(value: unknown): string {
  if (value instanceof Described) return value.text;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 5).join(', ').slice(0, 70)}`;
  }
  return (JSON.stringify(value) ?? typeof value).slice(0, 80);
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
