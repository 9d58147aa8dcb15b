import { type Dice, diceOf } from './random.ts';

/**
 * The tide all subjects share: returns of one step, drawn from regimes that alternate. Momentum wins while returns
 * persist, mean reversion while they are pulled back, and changes of regime are unpredictable.
 */
interface Regime {
  readonly name: string;
  /** expected return of a minute */
  readonly drift: number;
  /** deviation of a minute's return */
  readonly deviation: number;
  /** share of the last return that carries over: above 0 persists, below 0 reverts */
  readonly persistence: number;
  /** share of the distance to the regime's starting level that a step takes back */
  readonly pull: number;
  /** chance of a jump in a minute */
  readonly jumps: number;
}

const REGIMES: readonly Regime[] = [
  { name: 'trend_up', drift: 7e-5, deviation: 5e-4, persistence: 0.25, pull: 0, jumps: 0 },
  { name: 'trend_down', drift: -7e-5, deviation: 5.5e-4, persistence: 0.25, pull: 0, jumps: 0 },
  { name: 'reverting', drift: 0, deviation: 7e-4, persistence: -0.2, pull: 0.06, jumps: 0 },
  { name: 'quiet', drift: 0, deviation: 1.5e-4, persistence: 0, pull: 0.01, jumps: 0 },
  { name: 'volatile', drift: 0, deviation: 1.2e-3, persistence: 0, pull: 0, jumps: 0.02 },
];

export interface MarketStep {
  readonly regime: string;
  /** return of this step before a subject adds its own */
  readonly change: number;
  /** deviation the regime gives a step */
  readonly deviation: number;
}

/** Endless. @param minutes length of a step */
export function* marketSteps(seed: string, minutes: number): Generator<MarketStep, never> {
  const dice = diceOf(`${seed}/market`);
  const scale = Math.sqrt(minutes);
  let regime = REGIMES[dice.integer(0, REGIMES.length - 1)]!;
  let stepsLeft = duration(dice);
  let change = 0;
  /** how far the level is from where the regime began, and from where everything began */
  let fromStart = 0;
  let fromOrigin = 0;
  for (;;) {
    if (stepsLeft-- === 0) {
      regime = another(regime, dice);
      stepsLeft = duration(dice);
      fromStart = 0;
    }
    const noise = regime.deviation * scale * dice.bell();
    const jump = dice.uniform() < regime.jumps * Math.min(minutes, 10) ? jumpSize(dice) : 0;
    change = regime.drift * minutes + regime.persistence * change - regime.pull * fromStart + noise + jump;
    // A faint pull home keeps a year of candles in a believable range.
    change -= 1e-5 * fromOrigin;
    fromStart += change;
    fromOrigin += change;
    yield { regime: regime.name, change, deviation: regime.deviation * scale };
  }
}

const duration = (dice: Dice): number => dice.integer(60, 300);

const jumpSize = (dice: Dice): number => (dice.uniform() < 0.5 ? -1 : 1) * (0.003 + 0.006 * dice.uniform());

function another(regime: Regime, dice: Dice): Regime {
  const others = REGIMES.filter((other) => other !== regime);
  return others[dice.integer(0, others.length - 1)]!;
}
