import { type CheckpointRanking, Emission } from '@crunch-node/streams';
import { Value } from '@sinclair/typebox/value';
import type { EmissionBuilder } from '../crunch-config.ts';
import { WHOLE } from '../emission/frac64.ts';
import { REASON_LIMIT, shortened } from '../rounds/evidence.ts';

type Payees = Parameters<EmissionBuilder>[1];

export type DecidedEmission =
  | { readonly ok: true; readonly emission: Emission }
  | { readonly ok: false; readonly reason: string };

/**
 * What the operator's function makes of a ranking, checked before anybody is paid: parts of the whole for models of the
 * ranking, each once, that add up to all of it. What is something else pays nobody.
 * @param payable models with a value, best first
 */
export function emissionOfPeriod(
  build: EmissionBuilder,
  payable: readonly CheckpointRanking[],
  payees: Payees,
): DecidedEmission {
  const refused = (reason: string): DecidedEmission => ({
    ok: false,
    reason: shortened(`build_emission: ${reason}`, REASON_LIMIT),
  });
  let emission: unknown;
  try {
    emission = build(payable, payees);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
  if (!Value.Check(Emission, emission)) {
    const first = Value.Errors(Emission, emission).First();
    return refused(`${first?.path || '/'}: ${first?.message}, received ${shown(first?.value)}`);
  }
  const rewards = emission.cruncher_rewards;
  const stranger = rewards.find(({ cruncher_index, model_id }) => payable[cruncher_index]?.model_id !== model_id);
  if (stranger !== undefined) {
    return refused(`expected rewards for models of the ranking, received ${shown(stranger)}`);
  }
  if (new Set(rewards.map(({ model_id }) => model_id)).size !== rewards.length) {
    return refused('expected one reward for a model, received several');
  }
  const total = rewards.reduce((sum, { reward_pct }) => sum + reward_pct, 0);
  const expected = payable.length === 0 ? 0 : WHOLE;
  if (total !== expected) return refused(`expected rewards that add up to ${expected}, received ${total}`);
  return { ok: true, emission };
}

const shown = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value).slice(0, 120);
