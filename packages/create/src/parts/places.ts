/** What participants get in a competition that follows one thing: base class, two models and their test, in both languages. */
import type { Answers } from '../answers.ts';
import { importOf, text } from '../written.ts';

export const placeBase = (_: Answers): string =>
  text(`
    /** The package of participants: derive from Model and implement predict. */
    ${importOf('BirdModelBase, type DensitySpec', '@crunch-node/challenge')}

    ${importOf('builtin, type DensitySpec, mixture', '@crunch-node/challenge').replace('import', 'export')}

    export abstract class Model extends BirdModelBase {
      /** A density of the place after the horizon. */
      abstract override predict(): DensitySpec;

      /** Where it is, and the deviation of its moves so far; a horizon of a few records makes it wider. */
      protected get pace(): { readonly here: number; readonly drift: number; readonly scale: number } {
        const places = this.places.map(({ dove_location }) => dove_location);
        const here = places.at(-1) ?? 0;
        const moves = places.slice(1).map((place, i) => place - places[i]!);
        const drift = moves.length === 0 ? 0 : moves.reduce((sum, move) => sum + move, 0) / moves.length;
        const variance = moves.reduce((sum, move) => sum + move ** 2, 0) / Math.max(1, moves.length);
        return { here, drift, scale: Math.max(Math.sqrt(3 * variance), 1e-6 * Math.max(1, Math.abs(here))) };
      }
    }
  `);

const model = (name: string, about: string, density: string, from: string): string =>
  text(`
  ${importOf('builtin, type DensitySpec, Model', from)}

  /** ${about} */
  export default class ${name} extends Model {
    override predict(): DensitySpec {
      const { here, drift, scale } = this.pace;
      return ${density};
    }
  }
`);

export const placeModels = ({ name }: Answers) => ({
  momentum: model('Momentum', 'Moves continue.', "builtin('norm', { loc: here + 3 * drift, scale })", name),
  steady: model(
    'Steady',
    'It returns a little, with long tails.',
    "builtin('t', { df: 4, loc: here - drift, scale })",
    name,
  ),
});

export const PLACE_FEED = 'for (let i = 0; i < 60; i++) model.tick({ time: i, dove_location: 100 + Math.sin(i) });';
export const PLACE_ASKED = 'assert.match(JSON.stringify(model.predict()), /"scale":[0-9.e-]+/);';

export const PYTHON_PLACES = {
  helpers: `
    def __init__(self):
        super().__init__()
        self._places = []

    def tick(self, data, performance_metrics=None):
        """Keeps the newest places, \`\`{"time": seconds, "dove_location": place}\`\`."""
        if not self._places or data["time"] > self._places[-1][0]:
            self._places = [*self._places[-239:], (data["time"], data["dove_location"])]

    def pace(self):
        """Where it is, its mean move and the deviation of three of them."""
        places = [place for _, place in self._places]
        here = places[-1] if places else 0.0
        moves = [b - a for a, b in zip(places, places[1:])]
        drift = sum(moves) / max(1, len(moves))
        variance = sum(move**2 for move in moves) / max(1, len(moves))
        return here, drift, max(math.sqrt(3 * variance), 1e-6 * max(1.0, abs(here)))
`,
  models: {
    momentum: `    def predict(self):
        here, drift, scale = self.pace()
        return {"type": "builtin", "name": "norm", "params": {"loc": here + 3 * drift, "scale": scale}}
`,
    steady: `    def predict(self):
        here, drift, scale = self.pace()
        return {"type": "builtin", "name": "t", "params": {"df": 4, "loc": here - drift, "scale": scale}}
`,
  },
  asked: `self.assertGreater(model.predict()["params"]["scale"], 0)`,
  shown: 'for i in range(60):\n                    model.tick({"time": i, "dove_location": 100 + math.sin(i)})',
} as const;
