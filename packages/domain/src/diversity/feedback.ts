/** Feedback to a participant on how its model differs from the others. */
import type { JsonObject } from '@crunch-node/streams';
import { roundDecimals } from '../round-decimals.ts';

export const diversityMetricNames = ['ic', 'model_correlation', 'ensemble_correlation', 'contribution', 'fnc'] as const;
export type DiversityMetrics = Readonly<Record<(typeof diversityMetricNames)[number], number | null>>;

export type GuidanceCode =
  | 'HIGH_CORRELATION'
  | 'ENSEMBLE_CLONE'
  | 'NEGATIVE_CONTRIBUTION'
  | 'POSITIVE_CONTRIBUTION'
  | 'UNIQUE_ALPHA'
  | 'INSUFFICIENT_DATA';

export interface Guidance {
  readonly code: GuidanceCode;
  readonly message: string;
}

export interface DiversityFeedback {
  readonly diversity_score: number | null;
  readonly metrics: DiversityMetrics;
  readonly guidance: readonly Guidance[];
}

export const diversityMetrics = (summary: JsonObject): DiversityMetrics => {
  const number = (name: string): number | null => {
    const value = summary[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  return {
    ic: number('ic'),
    model_correlation: number('model_correlation'),
    ensemble_correlation: number('ensemble_correlation'),
    contribution: number('contribution'),
    fnc: number('fnc'),
  };
};

/** 1: unlike the other models, 0: like them, or their mirror image. Null without a correlation. */
export const diversityScore = (modelCorrelation: number | null): number | null =>
  modelCorrelation === null ? null : roundDecimals(Math.max(0, 1 - Math.abs(modelCorrelation)), 4);

/** @param summary of the model's newest snapshot */
export function diversityFeedback(summary: JsonObject): DiversityFeedback {
  const metrics = diversityMetrics(summary);
  return { diversity_score: diversityScore(metrics.model_correlation), metrics, guidance: guidanceFor(metrics) };
}

function guidanceFor({ ic, model_correlation, ensemble_correlation, contribution }: DiversityMetrics): Guidance[] {
  const guidance: Guidance[] = [];
  const advise = (code: GuidanceCode, message: string): unknown => guidance.push({ code, message });
  if (model_correlation !== null && model_correlation > 0.7) {
    const shared = model_correlation.toFixed(2);
    advise(
      'HIGH_CORRELATION',
      `Correlates ${shared} with the other models. Other features or another method would add more.`,
    );
  }
  if (ensemble_correlation !== null && ensemble_correlation > 0.9) {
    const shared = ensemble_correlation.toFixed(2);
    advise(
      'ENSEMBLE_CLONE',
      `Correlates ${shared} with the ensemble: it adds little that the ensemble does not have already.`,
    );
  }
  if (contribution !== null && contribution < 0) {
    const lost = contribution.toFixed(4);
    advise(
      'NEGATIVE_CONTRIBUTION',
      `Contribution ${lost}: the ensemble is better without it, which may lower rewards.`,
    );
  }
  if (contribution !== null && contribution > 0.01) {
    advise('POSITIVE_CONTRIBUTION', `Contribution ${contribution.toFixed(4)}: the ensemble is better with it.`);
  }
  if (model_correlation !== null && model_correlation < 0.3 && ic !== null && ic > 0) {
    advise('UNIQUE_ALPHA', 'Predicts well and unlike the others: exactly what is looked for.');
  }
  if (guidance.length === 0) advise('INSUFFICIENT_DATA', 'Nothing stands out yet. Keep predicting.');
  return guidance;
}
