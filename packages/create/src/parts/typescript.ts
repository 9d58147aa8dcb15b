import type { Answers } from '../answers.ts';
import { importOf, text } from '../written.ts';
import { placeBase, placeModels } from './places.ts';

/** What models answer with. */
export type Kind = 'numbers' | 'trading' | 'quantiles' | 'densities' | 'places' | 'samples';

export const kindOf = ({ pack }: Pick<Answers, 'pack'>): Kind =>
  (
    ({
      realtime: 'numbers',
      custom: 'numbers',
      trading: 'trading',
      quantile: 'quantiles',
      density: 'densities',
      interval: 'densities',
      bird: 'places',
      tournament: 'samples',
    }) as const
  )[pack];

interface Participants {
  /** the package's only module */
  readonly base: string;
  readonly models: readonly [file: string, code: string][];
}

/** Base class and example models in TypeScript. */
export function typescriptOf(answers: Answers): Participants {
  const models = MODELS[kindOf(answers)](answers);
  return {
    base: BASES[kindOf(answers)](answers),
    models: [
      ['momentum', models.momentum],
      ['steady', models.steady],
    ],
  };
}

/** A change of the last ten prices, as a share. */
const MOVE = `const closes = this.closes(subject);
      const [last, before] = [closes.at(-1), closes.at(-10)];
      const move = last === undefined || before === undefined ? 0 : last / before - 1;`;

const BASES: Readonly<Record<Kind, (answers: Answers) => string>> = {
  numbers: ({ fields }) =>
    text(`
    /** The package of participants: derive from Model and implement predict. */
    ${importOf('ModelBase', '@crunch-node/challenge')}

    /** What a model answers. */
    export interface Answer {
${fields.map((field) => `      readonly ${field}: number;`).join('\n')}
    }

    export abstract class Model extends ModelBase<Answer> {
      abstract override predict(subject: string, resolveHorizonSeconds: number, stepSeconds: number): Answer;
    }
  `),
  trading: () =>
    text(`
    /** The package of participants: derive from Model and implement predict. */
    ${importOf('ModelBase, type TradingOrder', '@crunch-node/challenge')}

    /** How much of the asset to buy or to sell, in units of capital. */
    export type Answer = TradingOrder;

    export abstract class Model extends ModelBase<Answer> {
      abstract override predict(subject: string): Answer;
    }
  `),
  quantiles: () =>
    text(`
    /** The package of participants: derive from Model and implement predict. */
    ${importOf('ModelBase, type QuantileAnswer', '@crunch-node/challenge')}

    /** Levels a competition asks for: the median and eleven central intervals. */
    export const levels = [
      0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95,
      0.975, 0.99,
    ];

    /** Quantiles of the return over the horizon, in basis points. */
    export type Answer = QuantileAnswer;

    export abstract class Model extends ModelBase<Answer> {
      abstract override predict(subject: string, resolveHorizonSeconds: number): Answer;

      /** A logistic distribution around a centre; both in basis points. */
      protected around(centre: number, scale: number): Answer {
        return {
          quantiles: Object.fromEntries(
            levels.map((level) => [String(level), centre + scale * Math.log(level / (1 - level))]),
          ),
        };
      }
    }
  `),
  densities: () =>
    text(`
    /** The package of participants: derive from Model and implement predict. */
    ${importOf('DensityModelBase, type DensitySpec', '@crunch-node/challenge')}

    ${importOf('builtin, type DensitySpec, eachStep, mixture', '@crunch-node/challenge').replace('import', 'export')}

    export abstract class Model extends DensityModelBase {
      /** One density of the change of the price for each step up to the horizon; both in seconds. */
      abstract override predict(asset: string, horizon: number, step: number): readonly DensitySpec[];

      /** Deviation of the price's change over a time, by the input so far. */
      protected deviation(asset: string, seconds: number): number {
        const prices = this.prices(asset);
        const moves = prices.slice(1).map(([at, price], i) => (price - prices[i]![1]) / Math.sqrt(at - prices[i]![0]));
        const variance = moves.reduce((sum, move) => sum + move ** 2, 0) / Math.max(1, moves.length);
        return Math.max(Math.sqrt(variance * seconds), 1e-6 * Math.abs(prices.at(-1)?.[1] ?? 1));
      }
    }
  `),
  places: placeBase,
  samples: () =>
    text(`
    /** The package of participants: derive from Model and implement predict. */
    ${importOf('type Features, type TournamentAnswer, TournamentModelBase', '@crunch-node/challenge')}

    ${importOf('type Features, type TournamentAnswer', '@crunch-node/challenge').replace('import', 'export')}

    export abstract class Model extends TournamentModelBase {
      abstract override predict(features: Features): TournamentAnswer;
    }
  `),
};

const model = (name: string, about: string, predict: string, imports: string, from: string): string =>
  text(`
  ${importOf(imports, from)}

  /** ${about} */
  export default class ${name} extends Model {
    override predict${predict}
  }
`);

type Models = (answers: Answers) => { readonly momentum: string; readonly steady: string };

const MODELS: Readonly<Record<Kind, Models>> = {
  numbers: ({ name, fields }) => ({
    momentum: model(
      'Momentum',
      'Moves continue.',
      `(subject: string): Answer {\n      ${MOVE}\n      return { ${fields.map((field) => `${field}: move`).join(', ')} };\n    }`,
      'type Answer, Model',
      name,
    ),
    steady: model(
      'Steady',
      'Moves end.',
      `(subject: string): Answer {\n      ${MOVE}\n      return { ${fields.map((field) => `${field}: -move / 2`).join(', ')} };\n    }`,
      'type Answer, Model',
      name,
    ),
  }),
  trading: ({ name }) => ({
    momentum: model(
      'Momentum',
      'Buys what rises.',
      `(subject: string): Answer {\n      ${MOVE}\n      return { action: move < 0 ? 'sell' : 'buy', amount: Math.abs(move) < 0.0005 ? 0 : 100 };\n    }`,
      'type Answer, Model',
      name,
    ),
    steady: model(
      'Steady',
      'Buys what fell.',
      `(subject: string): Answer {\n      ${MOVE}\n      return { action: move > 0 ? 'sell' : 'buy', amount: Math.abs(move) < 0.0005 ? 0 : 50 };\n    }`,
      'type Answer, Model',
      name,
    ),
  }),
  quantiles: ({ name }) => ({
    momentum: model(
      'Momentum',
      'Moves continue.',
      `(subject: string): Answer {\n      ${MOVE}\n      return this.around(move * 10_000, Math.max(1, Math.abs(move) * 5_000));\n    }`,
      'type Answer, Model',
      name,
    ),
    steady: model(
      'Steady',
      'The same spread whatever happens.',
      '(): Answer {\n      return this.around(0, 5);\n    }',
      'type Answer, Model',
      name,
    ),
  }),
  densities: ({ name }) => ({
    momentum: model(
      'Momentum',
      'Moves continue, as widely as they were.',
      `(asset: string, horizon: number, step: number): readonly DensitySpec[] {
      const prices = this.prices(asset);
      const [first, last] = [prices.at(-10), prices.at(-1)];
      const drift = first === undefined || last === undefined || last[0] <= first[0] ? 0 : (last[1] - first[1]) / (last[0] - first[0]);
      return eachStep(horizon, step, builtin('norm', { loc: (drift * step) / 2, scale: this.deviation(asset, step) }));
    }`,
      'builtin, type DensitySpec, eachStep, Model',
      name,
    ),
    steady: model(
      'Steady',
      'As widely as moves were, with long tails.',
      `(asset: string, horizon: number, step: number): readonly DensitySpec[] {
      return eachStep(horizon, step, builtin('t', { df: 4, loc: 0, scale: this.deviation(asset, step) }));
    }`,
      'builtin, type DensitySpec, eachStep, Model',
      name,
    ),
  }),
  places: placeModels,
  samples: ({ name }) => ({
    momentum: model(
      'Momentum',
      'A price for each square foot.',
      "(features: Features): TournamentAnswer {\n      return { prediction: 180 * this.numberIn(features, 'living_area_sqft', 1_700) };\n    }",
      'type Features, Model, type TournamentAnswer',
      name,
    ),
    steady: model(
      'Steady',
      'The same price for every house.',
      '(): TournamentAnswer {\n      return { prediction: 315_000 };\n    }',
      'Model, type TournamentAnswer',
      name,
    ),
  }),
};
