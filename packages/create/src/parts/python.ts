import type { Answers } from '../answers.ts';
import { text } from '../written.ts';
import { PYTHON_PLACES } from './places.ts';
import { type Kind, kindOf } from './typescript.ts';

export const pythonName = (name: string): string => name.replaceAll('-', '_');

/** The package of participants in Python, two example models, and tests that need nothing but Python. */
export function pythonFiles(answers: Answers): [string, string][] {
  const { name } = answers;
  const kind = kindOf(answers);
  const module = pythonName(name);
  const { momentum, steady } = MODELS[kind](answers);
  return [
    ['challenge/python/pyproject.toml', project(name)],
    [`challenge/python/src/${module}/__init__.py`, base(name, kind)],
    ['challenge/python/models/momentum.py', modelFile(module, 'Momentum', momentum)],
    ['challenge/python/models/steady.py', modelFile(module, 'Steady', steady)],
    ['challenge/python/tests/test_models.py', testFile(kind)],
  ];
}

const project = (name: string): string =>
  text(`
  [build-system]
  requires = ["setuptools==80.9.0"]
  build-backend = "setuptools.build_meta"

  [project]
  name = "${name}"
  version = "0.1.0"
  description = "What participants of ${name} start from"
  requires-python = ">=3.10"
  dependencies = []

  [tool.setuptools.packages.find]
  where = ["src"]
`);

const HELPERS: Readonly<Record<Kind, string>> = {
  numbers: `
    def move(self, subject, count=10):
        """Change over the last prices, as a share."""
        closes = self.closes(subject)
        return closes[-1] / closes[-count] - 1 if len(closes) >= count else 0.0
`,
  trading: '',
  quantiles: `
    LEVELS = [0.01, 0.025, *(n / 100 for n in range(5, 100, 5)), 0.975, 0.99]

    def around(self, centre, scale):
        """A logistic distribution around a centre; both in basis points."""
        return {"quantiles": {f"{p:g}": centre + scale * math.log(p / (1 - p)) for p in self.LEVELS}}
`,
  densities: `
    def __init__(self):
        super().__init__()
        self._prices = {}

    def tick(self, data):
        """Keeps the newest \`\`{asset: [[seconds, price], ...]}\`\`."""
        self._prices.update(data)

    def deviation(self, asset, seconds):
        """Deviation of the price's change over a time, by the input so far."""
        prices = self._prices.get(asset, [])
        moves = [(b[1] - a[1]) / math.sqrt(b[0] - a[0]) for a, b in zip(prices, prices[1:])]
        variance = sum(move**2 for move in moves) / max(1, len(moves))
        return max(math.sqrt(variance * seconds), 1e-6 * abs(prices[-1][1] if prices else 1))

    def predict_all(self, asset, horizon, steps):
        """Densities for several resolutions, by step."""
        return {str(step): self.predict(asset, horizon, step) for step in steps if step <= horizon}
`,
  places: PYTHON_PLACES.helpers,
  samples: '',
};

const base = (name: string, kind: Kind): string =>
  `"""What participants of ${name} start from: derive from Model and implement predict."""
${kind === 'quantiles' || kind === 'densities' || kind === 'places' ? '\nimport math\n' : ''}
try:
    from cruncher import ModelBaseClass  # where models are hosted
except ImportError:
    from starter_challenge import ModelBaseClass  # in a backtest and in tests

__all__ = ["Model"]


class Model(ModelBaseClass):
    """Base of a model of this competition."""
${HELPERS[kind === 'trading' ? 'numbers' : kind]}`;

const modelFile = (module: string, name: string, body: string): string => `import ${module}


class ${name}(${module}.Model):
${body}`;

type Models = (answers: Answers) => { readonly momentum: string; readonly steady: string };

const numbers = (fields: readonly string[], value: string): string =>
  `    def predict(self, subject, resolve_horizon_seconds, step_seconds):
        value = ${value}
        return {${fields.map((field) => `"${field}": value`).join(', ')}}
`;

const order = (sign: string, amount: number): string =>
  `    def predict(self, subject, resolve_horizon_seconds, step_seconds):
        move = ${sign}self.move(subject)
        return {"action": "sell" if move < 0 else "buy", "amount": 0 if abs(move) < 0.0005 else ${amount}}
`;

const MODELS: Readonly<Record<Kind, Models>> = {
  numbers: ({ fields }) => ({
    momentum: numbers(fields, 'self.move(subject)'),
    steady: numbers(fields, '-self.move(subject) / 2'),
  }),
  trading: () => ({ momentum: order('', 100), steady: order('-', 50) }),
  quantiles: () => ({
    momentum: `    def predict(self, subject, resolve_horizon_seconds, step_seconds):
        closes = self.closes(subject)
        move = (closes[-1] / closes[-10] - 1) * 10_000 if len(closes) >= 10 else 0.0
        return self.around(move, max(1.0, abs(move) / 2))
`,
    steady: `    def predict(self, subject, resolve_horizon_seconds, step_seconds):
        return self.around(0.0, 5.0)
`,
  }),
  densities: () => ({
    momentum: `    def predict(self, asset, horizon, step):
        norm = {"loc": 0.0, "scale": self.deviation(asset, step)}
        return [{"type": "builtin", "name": "norm", "params": norm}] * (horizon // step)
`,
    steady: `    def predict(self, asset, horizon, step):
        tails = {"df": 4, "loc": 0.0, "scale": self.deviation(asset, step)}
        return [{"type": "builtin", "name": "t", "params": tails}] * (horizon // step)
`,
  }),
  places: () => PYTHON_PLACES.models,
  samples: () => ({
    momentum: `    def predict(self, features):
        return {"prediction": 180.0 * features.get("living_area_sqft", 1_700)}
`,
    steady: `    def predict(self, features):
        return {"prediction": 315_000.0}
`,
  }),
};

const ASKED: Readonly<Record<Kind, string>> = {
  numbers: `answer = model.predict("BTC", 120, 60)
            self.assertTrue(all(math.isfinite(value) for value in answer.values()), answer)`,
  trading: `answer = model.predict("BTC", 60, 15)
            self.assertIn(answer["action"], ("buy", "sell"))
            self.assertGreaterEqual(answer["amount"], 0)`,
  quantiles: `values = list(model.predict("BTC", 900, 60)["quantiles"].values())
            self.assertEqual(values, sorted(values))
            self.assertEqual(len(values), 23)`,
  densities: `answer = model.predict_all("BTC", 900, [300, 900])
            self.assertEqual([len(densities) for densities in answer.values()], [3, 1])`,
  places: PYTHON_PLACES.asked,
  samples: `self.assertTrue(math.isfinite(model.predict({"living_area_sqft": 1640})["prediction"]))`,
};

function testFile(kind: Kind): string {
  const shown = {
    densities: 'model.tick({"BTC": [[60 * i, 100 + math.sin(i)] for i in range(60)]})',
    places: PYTHON_PLACES.shown,
    candles: 'model.feed_update({"symbol": "BTC", "asof_ts": 3540, "candles_1m": CANDLES})',
  }[kind === 'densities' || kind === 'places' ? kind : 'candles'];
  const candles =
    kind === 'densities' || kind === 'places' || kind === 'samples'
      ? ''
      : `
CANDLES = [
    {"ts": 60 * i, "open": 100, "high": 102, "low": 98, "close": 100 + math.sin(i / 5), "volume": 1} for i in range(60)
]
`;
  return `"""The example models answer without any input, and with some."""

import importlib.util
import math
import unittest
from pathlib import Path
${candles}

def model_of(name):
    path = Path(__file__).parent.parent / "models" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name.capitalize())()


class Examples(unittest.TestCase):
    def answers(self, name):
        model = model_of(name)
        for is_shown in (False, True):
            if is_shown:
                ${kind === 'samples' ? 'pass' : shown}
            ${ASKED[kind]}

    def test_momentum(self):
        self.answers("momentum")

    def test_steady(self):
        self.answers("steady")


if __name__ == "__main__":
    unittest.main()
`;
}
