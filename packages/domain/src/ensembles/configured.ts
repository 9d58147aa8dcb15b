/** The ensembles in force in each cycle, from the log: so which rounds an ensemble answers follows from the log alone. */
import type { ConfigActivated, Cycle, Json } from '@crunch-node/streams';
import { type CombinedFields, combinedFields } from './combined-fields.ts';
import { type EnsembleConfig, enabledEnsembles } from './ensemble-config.ts';

/** The settings of an ensemble that determine its signal in a round, besides its weights. */
export type AnsweringEnsemble = Pick<EnsembleConfig, 'name' | 'combine'> & CombinedFields;

/** The ensembles of the configurations a log was written under. */
export interface ConfiguredEnsembles {
  /** of the configuration the log began with */
  readonly first: readonly AnsweringEnsemble[];
  /** of the configuration a cycle closed under; undefined: it has to be looked up */
  of(closed: Cycle): readonly AnsweringEnsemble[] | undefined;
  /** looks it up; none where the log has no such configuration */
  find(closed: Cycle): Promise<readonly AnsweringEnsemble[]>;
}

/** As if a configuration had always been in force. */
export function alwaysConfigured(config: Parameters<typeof enabledEnsembles>[0]): ConfiguredEnsembles {
  const all = enabledEnsembles(config);
  return { first: all, of: () => all, find: async () => all };
}

/**
 * Ensembles as recorded in `CONTROL`.
 * @param recorded reads the events recorded so far
 * @param own known without it: the hash of a configuration, and its ensembles
 */
export async function configuredEnsembles(
  recorded: () => Promise<readonly ConfigActivated[]>,
  own?: { readonly config_hash: string; readonly ensembles: readonly EnsembleConfig[] },
): Promise<ConfiguredEnsembles> {
  const known = new Map<string, readonly AnsweringEnsemble[]>();
  async function learn(): Promise<string | undefined> {
    const activations = await recorded();
    for (const { data } of activations) known.set(data.config_hash, ensemblesIn(data));
    if (own !== undefined) known.set(own.config_hash, own.ensembles);
    return activations[0]?.data.config_hash;
  }
  const firstHash = await learn();
  return {
    first: (firstHash === undefined ? own?.ensembles : known.get(firstHash)) ?? [],
    of: ({ config_hash }) => known.get(config_hash),
    async find({ config_hash }) {
      if (!known.has(config_hash)) await learn();
      return known.get(config_hash) ?? [];
    },
  };
}

/** The enabled ensembles of a recorded configuration. */
function ensemblesIn({ ensembles: names, config }: ConfigActivated['data']): readonly AnsweringEnsemble[] {
  const recorded = Array.isArray(config.ensembles) ? (config.ensembles as readonly Json[]) : [];
  const entries = recorded as unknown as readonly EnsembleConfig[];
  return names.map((name) => entries.find((entry) => entry?.name === name) ?? { name, output_field: 'value' });
}

/** Whether two ensembles give the same signals under equal weights. */
export const answersAlike = (a: AnsweringEnsemble, b: AnsweringEnsemble): boolean =>
  a.name === b.name &&
  (a.combine ?? 'mean') === (b.combine ?? 'mean') &&
  JSON.stringify(combinedFields(a)) === JSON.stringify(combinedFields(b));
