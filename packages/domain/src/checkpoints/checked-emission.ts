import { type CheckpointRanking, Emission } from '@crunch-node/streams';
import { Value } from '@sinclair/typebox/value';
import type { EmissionBuilder } from '../crunch-config.ts';
import { WHOLE } from '../emission/frac64.ts';
import { copyOf } from '../lent.ts';
import { called, errorText } from '../operators-code.ts';
import { REASON_LIMIT, shortened } from '../rounds/refused-output.ts';

type Payees = Parameters<EmissionBuilder>[1];

export type DecidedEmission =
  | { readonly ok: true; readonly emission: Emission }
  | { readonly ok: false; readonly reason: string };

/**
 * The emission the operator's function makes of a ranking, checked before it is recorded: shares for models of the
 * ranking, each once, that add up to the whole, and likewise for providers. Anything else pays none. The function gets
 * a copy, only the fields of an emission are kept of its result, and the crunch is taken from the configuration.
 * @param payable models with a value, best first
 */
export function emissionOfPeriod(
  build: EmissionBuilder,
  payable: readonly CheckpointRanking[],
  payees: Payees,
): DecidedEmission {
  try {
    const emission = emissionFields(called(() => build(copyOf(payable), { ...payees })));
    if (!Value.Check(Emission, emission)) {
      const first = Value.Errors(Emission, emission).First();
      return refused(`${first?.path || '/'}: ${first?.message}, received ${shown(first?.value)}`);
    }
    const fault = faultOfRewards(emission, payable);
    return fault === null ? { ok: true, emission: { ...emission, crunch: payees.crunch_pubkey } } : refused(fault);
  } catch (error) {
    return refused(errorText(error));
  }
}

const refused = (reason: string): DecidedEmission => ({
  ok: false,
  reason: shortened(`build_emission: ${reason}`, REASON_LIMIT),
});

/** The fields an emission has, read once each, whatever else was returned with them. */
function emissionFields(returned: unknown): unknown {
  if (!isRecord(returned)) return returned;
  const { crunch, cruncher_rewards, compute_provider_rewards, data_provider_rewards } = returned;
  return {
    crunch,
    cruncher_rewards: eachOf(cruncher_rewards, ({ cruncher_index, model_id, reward_pct }) => ({
      cruncher_index,
      model_id,
      reward_pct,
    })),
    compute_provider_rewards: eachOf(compute_provider_rewards, providerReward),
    data_provider_rewards: eachOf(data_provider_rewards, providerReward),
  };
}

const providerReward = ({ provider, reward_pct }: Record<string, unknown>) => ({ provider, reward_pct });

const eachOf = (list: unknown, fields: (item: Record<string, unknown>) => unknown): unknown =>
  Array.isArray(list) ? Array.from(list, (item: unknown) => (isRecord(item) ? fields(item) : item)) : list;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function faultOfRewards(emission: Emission, payable: readonly CheckpointRanking[]): string | null {
  const rewards = emission.cruncher_rewards;
  const stranger = rewards.find(({ cruncher_index, model_id }) => payable[cruncher_index]?.model_id !== model_id);
  if (stranger !== undefined) return `expected rewards for models of the ranking, received ${shown(stranger)}`;
  if (new Set(rewards.map(({ model_id }) => model_id)).size !== rewards.length) {
    return 'expected one reward for a model, received several';
  }
  const total = totalOf(rewards);
  const expected = payable.length === 0 ? 0 : WHOLE;
  if (total !== expected) return `expected rewards that add up to ${expected}, received ${total}`;
  for (const kind of ['compute_provider_rewards', 'data_provider_rewards'] as const) {
    const sum = totalOf(emission[kind]);
    if (sum !== 0 && sum !== WHOLE) return `${kind}: expected rewards that add up to 0 or ${WHOLE}, received ${sum}`;
  }
  return null;
}

const totalOf = (rewards: readonly { readonly reward_pct: number }[]): number =>
  rewards.reduce((sum, { reward_pct }) => sum + reward_pct, 0);

/** For people; any value, also one without a JSON form. */
function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    return (JSON.stringify(value) ?? typeof value).slice(0, 120);
  } catch {
    return Array.isArray(value) ? 'a list' : `an ${typeof value}`;
  }
}
