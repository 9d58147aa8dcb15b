import { count, table } from './text.ts';

/** The response of `POST /tournament/rounds/{id}/score`. */
export interface RoundScores {
  readonly results: readonly {
    readonly model_id: string;
    readonly feature_index: number;
    readonly result: { readonly prediction?: unknown };
  }[];
}

/** A line per sample: its price, and each model's prediction; a dash where it has none. */
export function roundText(
  { results }: RoundScores,
  samples: readonly { readonly price: number }[],
  names: ReadonlyMap<string, string>,
): string {
  const models = [...new Set(results.map(({ model_id }) => model_id))].sort();
  const answerOf = (i: number, model: string): string => {
    const found = results.find(({ model_id, feature_index }) => model_id === model && feature_index === i);
    const price = found?.result.prediction;
    return typeof price === 'number' ? count(price) : '–';
  };
  return table(
    [
      { title: 'house', align: 'right' },
      { title: 'sold for', align: 'right' },
      ...models.map((model) => ({ title: names.get(model) ?? model, align: 'right' as const })),
    ],
    samples.map(({ price }, i) => [String(i), count(price), ...models.map((model) => answerOf(i, model))]),
  );
}
