import assert from 'node:assert/strict';
import { ConfigError } from '../config-error.ts';
import { defineCrunch } from '../define-crunch.ts';
import type { CrunchDefinition } from '../definition.ts';

/** The faults of what is made; none when it can be made. */
export function faultsIn(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.faults;
  }
  return [];
}

export const faultsOf = (definition: unknown): readonly string[] =>
  faultsIn(() => defineCrunch(definition as CrunchDefinition));
