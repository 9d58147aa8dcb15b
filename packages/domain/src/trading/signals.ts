import type { Json, JsonObject } from '@crunch-node/streams';
import { numberOf } from '../metrics/extract.ts';
import { type Direction, type Portfolio, positionOf } from './portfolio.ts';

/**
 * How a model's prediction is read. `order`: buy or sell an amount. `delta`: a direction and a size. `target`: the signed
 * size the position should have.
 */
export type SignalMode = 'order' | 'delta' | 'target';

/** Null: nothing to do, or a prediction that is no valid signal. */
export type Wanted = { readonly direction: Direction; readonly size: number } | null;

/** Why a prediction is no signal of its mode, or null when it is one. */
export function faultOfSignal(mode: SignalMode, output: JsonObject): string | null {
  const [choice, choices, size] = SIGNAL_FIELDS[mode];
  if (choice !== null && !choices.some((word) => word === output[choice])) {
    return `${choice}: expected ${choices.join(' or ')}, received ${shown(output[choice])}`;
  }
  return sizeOf(output[size]) === null ? `${size}: expected a number, received ${shown(output[size])}` : null;
}

/** A choice among words, if there is one, and a number. */
const SIGNAL_FIELDS: Readonly<
  Record<SignalMode, readonly [choice: string | null, choices: readonly string[], size: string]>
> = {
  order: ['action', ['buy', 'sell'], 'amount'],
  delta: ['direction', ['long', 'short'], 'leverage'],
  target: [null, [], 'signal'],
};

/** The fields a prediction needs in each mode. */
export const signalFields = (mode: SignalMode): readonly string[] => {
  const [choice, , size] = SIGNAL_FIELDS[mode];
  return choice === null ? [size] : [choice, size];
};

const shown = (value: Json | undefined): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

/** The order a prediction makes; null also for an invalid signal, which {@link faultOfSignal} finds before. */
export function orderOf(mode: SignalMode, output: JsonObject, portfolio: Portfolio, subject: string): Wanted {
  switch (mode) {
    case 'order':
      if (output.action !== 'buy' && output.action !== 'sell') return null;
      return sized(output.action === 'buy' ? 'long' : 'short', sizeOf(output.amount));
    case 'delta':
      if (output.direction !== 'long' && output.direction !== 'short') return null;
      return sized(output.direction, sizeOf(output.leverage));
    case 'target':
      return towards(sizeOf(output.signal), portfolio, subject);
  }
}

function sizeOf(value: Json | undefined): number | null {
  const number = numberOf(value);
  return number === null || !Number.isFinite(number) ? null : number;
}

const sized = (direction: Direction, size: number | null): Wanted =>
  size === null || size <= 0 ? null : { direction, size };

/** The order that brings the position to its target: one that turns it closes the old one first. */
function towards(target: number | null, portfolio: Portfolio, subject: string): Wanted {
  if (target === null) return null;
  const position = positionOf(portfolio, subject);
  const wanted: Direction = target > 0 ? 'long' : 'short';
  const opposite = (direction: Direction): Direction => (direction === 'long' ? 'short' : 'long');
  if (position === undefined) return sized(wanted, Math.abs(target));
  if (target === 0) return sized(opposite(position.direction), position.size);
  if (position.direction !== wanted) return sized(wanted, position.size + Math.abs(target));
  const change = Math.abs(target) - position.size;
  return change >= 0 ? sized(wanted, change) : sized(opposite(wanted), -change);
}
