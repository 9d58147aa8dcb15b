import type { Answers } from '../answers.ts';
import { kindOf } from './typescript.ts';

/** A notebook that runs a model over generated data and shows what came of it. */
export function notebook(answers: Answers): string {
  const module = answers.name.replaceAll('-', '_');
  const isTournament = kindOf(answers) === 'samples';
  const cells = [
    markdown(
      `# ${answers.name}\n\nA model is a class derived from \`${module}.Model\`. Run this notebook in \`challenge/python\`, with Node 20 ` +
        'and the project installed (`make install`), after `pip install -e .` and the wheel `starter_challenge`.',
    ),
    code(
      `import importlib.util\nimport ${module}\n\nspec = importlib.util.spec_from_file_location("momentum", "models/momentum.py")\nmomentum = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(momentum)\nmodel = momentum.Momentum()`,
    ),
    ...(isTournament
      ? [code('model.predict({"living_area_sqft": 1640})')]
      : [
          markdown('The engine runs its own stages over generated data and asks the model in this process.'),
          code(
            'from starter_challenge import BacktestRunner\n\nresult = BacktestRunner(model=model, config="../../node/config/crunch.config.ts").run(options=["--feed", "synthetic", "--days", "1"])\nresult.summary()',
          ),
        ]),
  ];
  const document = {
    cells,
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    },
    nbformat: 4,
    nbformat_minor: 4,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

const lines = (source: string): string[] =>
  source.split('\n').map((line, i, all) => (i < all.length - 1 ? `${line}\n` : line));

const markdown = (source: string) => ({ cell_type: 'markdown', metadata: {}, source: lines(source) });

const code = (source: string) => ({
  cell_type: 'code',
  execution_count: null,
  metadata: {},
  outputs: [],
  source: lines(source),
});
