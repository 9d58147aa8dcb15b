import type { Answers } from '../answers.ts';
import { importOf, type ProjectContext, text } from '../written.ts';
import { notebook } from './notebook.ts';
import { PLACE_ASKED, PLACE_FEED } from './places.ts';
import { pythonFiles, pythonName } from './python.ts';
import { type Kind, kindOf, typescriptOf } from './typescript.ts';

/** What participants get, in both languages. */
export function challengeFiles(answers: Answers, { version, specifiers }: ProjectContext): [string, string][] {
  const { name } = answers;
  const { base, models } = typescriptOf(answers);
  return [
    [
      'challenge/package.json',
      `${JSON.stringify(
        {
          name,
          version: '0.1.0',
          private: true,
          description: `What participants of ${name} start from`,
          type: 'module',
          exports: { '.': './src/index.ts' },
          dependencies: { '@crunch-node/challenge': specifiers?.['@crunch-node/challenge'] ?? version },
          devDependencies: { 'crunch-node': specifiers?.['crunch-node'] ?? version },
        },
        null,
        2,
      )}\n`,
    ],
    ['challenge/src/index.ts', base],
    ...models.map(([file, code]): [string, string] => [`challenge/models/${file}.ts`, code]),
    ['challenge/test/models.test.ts', modelsTest(answers, kindOf(answers))],
    ['challenge/README.md', readme(answers)],
    ...pythonFiles(answers),
    [`challenge/python/${pythonName(name)}.ipynb`, notebook(answers)],
  ];
}

const FEEDS: Readonly<Record<Kind, string>> = {
  numbers: CANDLES('feedUpdate'),
  trading: CANDLES('feedUpdate'),
  quantiles: CANDLES('feedUpdate'),
  densities: 'model.tick({ BTC: Array.from({ length: 60 }, (_, i) => [60 * i, 100 + Math.sin(i)] as const) });',
  places: PLACE_FEED,
  samples: '',
};

function CANDLES(method: string): string {
  return `model.${method}({ symbol: 'BTC', asof_ts: 3540, candles_1m: candles });`;
}

function modelsTest({ name, fields }: Answers, kind: Kind): string {
  const asked: Record<Kind, string> = {
    numbers: `const answer = model.predict('BTC', 120, 60);\n        for (const field of [${fields.map((field) => `'${field}'`).join(', ')}] as const) assert.ok(Number.isFinite(answer[field]), field);`,
    trading:
      "const { action, amount } = model.predict('BTC');\n        assert.ok(['buy', 'sell'].includes(action) && amount >= 0);",
    quantiles:
      "const values = Object.values(model.predict('BTC', 900).quantiles);\n        assert.ok(values.every(Number.isFinite));\n        assert.deepEqual(values, values.toSorted((a, b) => a - b));",
    densities: "const densities = model.predict('BTC', 900, 300);\n        assert.equal(densities.length, 3);",
    places: PLACE_ASKED,
    samples: 'assert.ok(Number.isFinite(model.predict({ living_area_sqft: 1640 }).prediction));',
  };
  const needsCandles = kind === 'numbers' || kind === 'trading' || kind === 'quantiles';
  return text(`
  import assert from 'node:assert/strict';
  import { describe, it } from 'node:test';
  ${importOf('type Model', name)}
  import Momentum from '../models/momentum.ts';
  import Steady from '../models/steady.ts';
${
  needsCandles
    ? `
  const candles = Array.from({ length: 60 }, (_, i) => {
    const close = 100 + Math.sin(i / 5);
    return { ts: 60 * i, open: close, high: close + 0.1, low: close - 0.1, close, volume: 1 };
  });
`
    : ''
}
  describe('the example models', () => {
    for (const Example of [Momentum, Steady]) {
      it(\`\${Example.name} answers without any input, and with some\`, () => {
        const model: Model = new Example();
        for (const isShown of [false, true]) {
          ${FEEDS[kind] === '' ? 'void isShown;' : `if (isShown) ${FEEDS[kind]}`}
          ${asked[kind].replaceAll('\n        ', '\n          ')}
        }
      });
    }
  });
`);
}

const readme = ({ name }: Answers): string => `# ${name}

What a participant starts from. A model is a class derived from \`Model\`; \`models/\` has two to begin with.

\`\`\`sh
npx crunch-node backtest models/momentum.ts --config ../node/config/crunch.config.ts --feed synthetic --days 1
npx crunch-node check-models --config ../node/config/crunch.config.ts models/momentum.ts
\`\`\`

In Python: \`python/models\`, and the notebook beside it. \`pip install grpcio -e python\` lets the engine host Python models,
\`pip install\` of the wheel \`starter_challenge\` brings the backtest to a notebook.
`;
