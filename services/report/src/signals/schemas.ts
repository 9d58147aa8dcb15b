import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableTsZ, OpenObject, TsNaive, TsZ } from '../values/schemas.ts';

/** model id → share of the value */
const Weights = Type.Record(Type.String(), Type.Number());

export const EnsembleState = Type.Object(
  {
    name: Type.String(),
    model_id: Type.String(),
    period_end: TsZ,
    prediction_count: Count,
    metrics: OpenObject,
  },
  { title: 'EnsembleState' },
);
export type EnsembleState = Static<typeof EnsembleState>;

export const PastSignal = Type.Object(
  {
    /** the combined fields with their values, or one with null when no member was usable */
    signal: OpenObject,
    performed_at: TsZ,
    /** when its ground truth can be known */
    resolvable_at: NullableTsZ,
    scope_key: Type.String(),
    weights: Weights,
    /** end of the cycle after which the weights were decided; null before any were */
    weights_cycle_end: NullableTsZ,
    input_id: Type.String(),
  },
  { title: 'PastSignal' },
);
export type PastSignal = Static<typeof PastSignal>;

const signalFields = {
  ...PastSignal.properties,
  ensemble: Type.String(),
  model_id: Type.String(),
  scope: OpenObject,
};

/** The newest signal, and the newest of each scope. */
export const LatestSignal = Type.Object(
  { ...signalFields, scopes: Type.Array(Type.Object(signalFields)) },
  { title: 'LatestSignal' },
);
export type LatestSignal = Static<typeof LatestSignal>;

/** A snapshot of an ensemble, its numbers at the top, where charts look for them. */
export const EnsemblePeriod = Type.Object(
  {
    ensemble_name: Type.String(),
    model_id: Type.String(),
    period_start: TsNaive,
    period_end: TsNaive,
    prediction_count: Count,
  },
  { title: 'EnsemblePeriod', additionalProperties: true },
);
export type EnsemblePeriod = Static<typeof EnsemblePeriod>;
