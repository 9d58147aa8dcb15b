import type { PriceData } from '../../density-model.ts';
import { deviation, mean } from '../../indicators.ts';

/** How an asset has moved lately. */
export interface Pace {
  /** mean change of the price in a second */
  readonly drift: number;
  /** deviation of the change over a second; over n seconds it is √n times as much */
  readonly deviation: number;
}

/** Where prices do not move, or there are none, the deviation is a millionth of the price. */
const LEAST = 1e-6;

/** @param weights of each change, the last one is the newest; absent: all the same */
export function paceOf(prices: PriceData[string], decay = 1): Pace {
  const moves: number[] = [];
  let spacing = 60;
  for (let i = 1; i < prices.length; i++) {
    const [[before, from], [at, to]] = [prices[i - 1]!, prices[i]!];
    if (at <= before) continue;
    spacing = at - before;
    moves.push((to - from) / Math.sqrt(spacing));
  }
  const price = Math.abs(prices.at(-1)?.[1] ?? 1);
  const measured = decay === 1 ? deviation(moves) : weighted(moves, decay);
  return { drift: mean(moves) / Math.sqrt(spacing), deviation: Math.max(measured, LEAST * price) };
}

function weighted(moves: readonly number[], decay: number): number {
  let [sum, weight] = [0, 0];
  for (const move of moves) {
    sum = decay * sum + move * move;
    weight = decay * weight + 1;
  }
  return weight === 0 ? 0 : Math.sqrt(sum / weight);
}
