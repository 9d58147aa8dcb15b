import type { Bar } from '../../record.ts';
import { marketSteps } from './market.ts';
import { diceOf } from './random.ts';

interface Asset {
  readonly price: number;
  readonly decimals: number;
  /** how strongly the subject follows the market */
  readonly beta: number;
  /** base volume of a minute */
  readonly volume: number;
}

const KNOWN: Readonly<Record<string, Asset>> = {
  BTCUSDT: { price: 42_000, decimals: 2, beta: 1, volume: 18 },
  ETHUSDT: { price: 2_250, decimals: 2, beta: 1.15, volume: 160 },
};

function assetOf(seed: string, subject: string): Asset {
  const known = Object.hasOwn(KNOWN, subject) ? KNOWN[subject] : undefined;
  if (known !== undefined) return known;
  const dice = diceOf(`${seed}/asset/${subject}`);
  const price = dice.integer(10, 500);
  return { price, decimals: 3, beta: 0.7 + 0.8 * dice.uniform(), volume: 40_000 / price };
}

/**
 * Endless bars of one subject: the market's tide, times how strongly the subject follows it, and a spread of its own
 * that always comes back. A subject's bars do not depend on which other subjects are requested.
 */
export function* bars(seed: string, subject: string, stepSeconds: number): Generator<Bar, never> {
  const { price, decimals, beta, volume } = assetOf(seed, subject);
  const minutes = stepSeconds / 60;
  const dice = diceOf(`${seed}/subject/${subject}`);
  const rounded = (value: number): number => Math.max(roundTo(value, decimals), 1 / 10 ** decimals);
  let open = price;
  let spread = 0;
  const market = marketSteps(seed, minutes);
  for (;;) {
    const { change, deviation } = market.next().value;
    const spreadBefore = spread;
    spread = 0.97 * spread + 0.35 * deviation * dice.bell();
    const close = rounded(open * (1 + beta * change + spread - spreadBefore));
    const high = rounded(Math.max(open, close) * (1 + 0.4 * deviation * Math.abs(dice.bell())));
    const low = rounded(Math.min(open, close) * (1 - 0.4 * deviation * Math.abs(dice.bell())));
    const activity = (0.4 + 1.2 * dice.uniform()) * (1 + (900 * Math.abs(close - open)) / open);
    yield { open, high, low, close, volume: roundTo(volume * minutes * activity, 5) };
    open = close;
  }
}

/** The double nearest to a decimal number, which prints with as many digits. */
const roundTo = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals;
