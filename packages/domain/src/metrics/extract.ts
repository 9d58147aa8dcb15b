/** The numbers metrics are computed from, taken out of predictions and the results of scoring functions. */
import type { JsonObject } from '@crunch-node/streams';
import { parseNumber } from '../scoring/coerce.ts';

const PREDICTION_KEYS = ['value', 'expected_return', 'signal', 'prediction'] as const;

/** A JSON value as a number: texts are parsed, booleans are 1 and 0. Null when it is none. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? parseNumber(value) : null;
}

/**
 * The value of the first of the usual keys that is present, else the first number of the prediction. A usual key whose
 * text is no number hides the others.
 */
export function predictionValue(output: JsonObject): number | null {
  for (const key of PREDICTION_KEYS) {
    const value = output[key];
    if (value !== undefined && value !== null) return numberOf(value);
  }
  const first = Object.values(output).find((value) => typeof value === 'number' || typeof value === 'boolean');
  return first === undefined ? null : Number(first);
}

/** `actual_return`, else `profit`; null when neither is a number. */
export const actualReturn = (result: JsonObject): number | null =>
  numberOf(result.actual_return) ?? numberOf(result.profit);

export const scoreValue = (result: JsonObject): number | null => numberOf(result.value);
