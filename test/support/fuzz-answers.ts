/** Random answers of models, through everything between a call and a payment, without servers. */
import { contributionWeightedEmission, tierEmission } from '@crunch-node/domain';
import type { Json } from '@crunch-node/streams';
import { assertSane, chainRules, MODELS, runChain } from '../../packages/domain/src/testing/chain.ts';
import { type Dice, diceOf } from '../../services/report/src/testing/fuzz/dice.ts';
import { hostileTexts } from '../../services/report/src/testing/fuzz/hostile.ts';

export interface AnswersResult {
  readonly runs: number;
  readonly answers: number;
  readonly faults: readonly string[];
}

const EXTREMES = [0, -0, 5e-324, -1e-308, 1e-200, 1, -1, 2 ** 53, 1e100, -1e154, 1.5e307, -1e308, Number.MAX_VALUE];
const KEYS = ['value', 'signal', 'prediction', 'expected_return', 'success', 'contribution', '__proto__', 'note', ''];

/** Any double: its sign, its size and its digits are thrown on their own. */
const anyNumber = (dice: Dice): number =>
  (dice.chance(0.5) ? 1 : -1) * (1 + dice.next()) * 2 ** (dice.below(2_047) - 1_023);

function anyValue(dice: Dice, depth: number): Json {
  const kind = dice.below(depth > 3 ? 6 : 8);
  if (kind < 2) return dice.oneOf(EXTREMES);
  if (kind === 2) return anyNumber(dice);
  if (kind === 3) return dice.oneOf<Json>([null, true, false, Number.NaN, Number.POSITIVE_INFINITY]);
  if (kind === 4) return dice.oneOf(hostileTexts);
  if (kind === 5) return dice.oneOf(hostileTexts).repeat(dice.chance(0.1) ? 200 : 1);
  if (kind === 6) return Array.from({ length: dice.below(4) }, () => anyValue(dice, depth + 1));
  return anyObject(dice, depth + 1);
}

const anyObject = (dice: Dice, depth: number): Json =>
  Object.fromEntries(Array.from({ length: dice.below(5) }, () => [dice.oneOf(KEYS), anyValue(dice, depth)]));

/** Mostly valid answers, since those get further. */
function anyAnswer(dice: Dice): Json | undefined {
  if (dice.chance(0.1)) return undefined;
  if (dice.chance(0.15)) return anyValue(dice, 0);
  const value = dice.chance(0.5) ? dice.oneOf(EXTREMES) : anyNumber(dice);
  return dice.chance(0.3) ? { ...(anyObject(dice, 0) as object), value } : { value };
}

/** Competitions of a few cycles, one after the other; the same seed makes the same ones. */
export function fuzzAnswers(seed: number, goesOn: (runs: number) => boolean): AnswersResult {
  const faults: string[] = [];
  let runs = 0;
  let answers = 0;
  for (; goesOn(runs) && faults.length < 10; runs++) {
    const dice = diceOf(seed + runs);
    const cycles = Array.from({ length: 3 + dice.below(6) }, () => MODELS.map(() => anyAnswer(dice)));
    answers += cycles.length * MODELS.length;
    const prices = cycles.map(() => (dice.chance(0.1) ? Math.abs(anyNumber(dice)) : 90 + 20 * dice.next()));
    const rules = chainRules(dice.oneOf(['asc', 'desc']), dice.oneOf(['hour', 'ic', 'own', 'contribution']));
    try {
      assertSane(
        runChain(cycles, prices, rules, dice.chance(0.5) ? tierEmission : contributionWeightedEmission()),
        rules,
      );
    } catch (error) {
      faults.push(`answers of seed ${seed + runs}: ${(error as Error).stack}`);
    }
  }
  return { runs, answers, faults };
}
