/** Parameter types of a configuration's functions, inferred from its schemas and its resolver. */
import type { FeedGroundTruth, GroundTruth, GroundTruthResolver, ScoringPrediction } from '@crunch-node/domain';
import type { Json } from '@crunch-node/streams';
import type { Static, TNumber, TObject } from '@sinclair/typebox';
import type { CrunchDefinition } from './definition.ts';

/** Of a configuration without an `output_type`. */
export type DefaultOutput = TObject<{ value: TNumber }>;

/** Type of a part that is left out. */
export interface LeftOut {
  readonly left_out: never;
}

/** A model's prediction with `model_id` and `prediction_id`, typed where its schema is known. */
export type PredictionOf<Output extends TObject> = TObject extends Output
  ? ScoringPrediction
  : Static<Output> & { readonly model_id: string; readonly prediction_id: string };

/** Type the resolver returns; without one `ground_truth_type`, without that the type of the default resolver. */
export type GroundTruthOf<Truth, Resolved> = [Resolved] extends [LeftOut]
  ? DeclaredTruth<Truth>
  : GroundTruth extends Resolved
    ? DeclaredTruth<Truth>
    : Resolved;

type DeclaredTruth<Truth> = [Truth] extends [TObject]
  ? TObject extends Truth
    ? GroundTruth
    : Static<Truth>
  : FeedGroundTruth;

/** What a scoring function returns: branches may have different fields, of which TypeScript makes optional ones. */
export interface ScoreFields {
  readonly [field: string]: Json | undefined;
}

type Inferred = 'output_type' | 'ground_truth_type' | 'resolve_ground_truth' | 'scoring_function';

/**
 * A {@link CrunchDefinition} whose scoring function is typed by the rest of it. Write `resolve_ground_truth` before
 * `scoring_function`: types are inferred in that order.
 */
export type TypedDefinition<Output extends TObject, Truth extends TObject | null | LeftOut, Resolved> = Omit<
  CrunchDefinition,
  Inferred
> & {
  readonly output_type?: Output;
  readonly ground_truth_type?: Truth;
  readonly resolve_ground_truth?: (...given: Parameters<GroundTruthResolver>) => Resolved | null;
  readonly scoring_function?: (
    prediction: PredictionOf<Output>,
    groundTruth: GroundTruthOf<Truth, Resolved>,
  ) => ScoreFields;
};
