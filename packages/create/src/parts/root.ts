import { type Answers, secondsOf } from '../answers.ts';
import { oldestNode, tools } from '../versions.ts';

export const rootFiles = (answers: Answers): [string, string][] => [
  [
    'package.json',
    `${JSON.stringify(
      {
        name: `${answers.name}-project`,
        private: true,
        type: 'module',
        workspaces: ['node', 'challenge'],
        scripts: {
          types: 'tsc -p .',
          test: 'tsc -p . && node --import tsx --test node/test/*.test.ts challenge/test/*.test.ts',
        },
        devDependencies: { '@types/node': tools['@types/node'], tsx: tools.tsx, typescript: tools.typescript },
      },
      null,
      2,
    )}\n`,
  ],
  // for those who install with pnpm
  ['pnpm-workspace.yaml', 'packages: [node, challenge]\n'],
  ['.npmrc', 'audit=false\nfund=false\n'],
  ['.gitignore', 'node_modules/\n.crunch/\ndata/\n.env\n__pycache__/\n*.egg-info/\n.venv/\n'],
  ['.dockerignore', '**/node_modules\n**/.crunch\n**/.env\n'],
  [
    'tsconfig.json',
    `${JSON.stringify(
      {
        compilerOptions: {
          target: 'ES2023',
          module: 'NodeNext',
          moduleResolution: 'NodeNext',
          types: ['node'],
          strict: true,
          skipLibCheck: true,
          allowImportingTsExtensions: true,
          noEmit: true,
        },
        include: ['node', 'challenge'],
        exclude: ['**/node_modules'],
      },
      null,
      2,
    )}\n`,
  ],
  ['Makefile', makefile(answers)],
  ['README.md', readme(answers)],
];

function makefile({ name, pack, kind, granularity, horizon, interval }: Answers): string {
  // Enough records for a few rounds with their ground truth.
  const days = Math.max(72 * secondsOf(granularity), 6 * horizon + 20 * interval) / 86_400;
  const tick = kind === 'tick' ? 'FEED_KIND=candle FEED_NORMALIZER=candle ' : '';
  // Of a tournament the engine has the example models; others have them beside.
  const models = pack === 'tournament' ? '' : '--models ../challenge/models ';
  const demo =
    pack === 'tournament'
      ? '$(CRUNCH) up --demo --pack tournament --once --port 0'
      : `${tick}$(CRUNCH) up --feed synthetic --days $(DAYS) --once --port 0 ${models.trim()}`;
  return `# ${name}. \`make deploy\` runs it in containers, \`make deploy dev\` in one process on this machine.
SHELL := /bin/bash
# the program itself, from node/: what npx starts does not get the signals of \`make down\`
CRUNCH = $$([ -x node_modules/.bin/crunch-node ] || echo ../)node_modules/.bin/crunch-node
# with TLS between all containers; TLS=no leaves it out
TLS ?= yes
COMPOSE := docker compose --project-directory node -f node/compose.yaml$(if $(filter no,$(TLS)),, -f node/compose.secure.yaml)
# where the packages of the engine lie, with npm or pnpm
ENGINE = $(shell cd node && node -p "require('path').dirname(require.resolve('crunch-node/package.json'))")/parts
PYTHON ?= python3
DAYS ?= ${Number(days.toFixed(5))}
SINCE ?= 1h
DEV_FOLDER := .crunch
DEV_PID := node/$(DEV_FOLDER)/up.pid
HAS_COMPOSE := $(shell docker compose version 2>/dev/null)
# on this machine: now, or whenever there are no containers
IS_DEV := $(or $(filter dev,$(MAKECMDGOALS)),$(wildcard $(DEV_PID)),$(if $(HAS_COMPOSE),,dev))

.PHONY: install test demo deploy deploy-dev dev logs restart down verify backfill backtest status

install: node_modules/.package-lock.json

node_modules/.package-lock.json: package.json node/package.json challenge/package.json
\tnpm install
\t@touch $@

test: install
\tnpm test
\t@if command -v $(PYTHON) >/dev/null; then \\
\t  cd challenge/python && PYTHONPATH=src:$(ENGINE)/packages/challenge-python/src $(PYTHON) -m unittest discover -s tests; \\
\telse echo "$(PYTHON) is not installed: the Python package was not tested"; fi

demo: install
\tcd node && folder=$$(mktemp -d) && trap 'rm -rf $$folder' EXIT && \\
\t  ${demo} --data-dir $$folder

# everything in one process on this machine, in the background, with private servers below node/.crunch
deploy-dev: install
\tcd node && mkdir -p $(DEV_FOLDER) && set -a && . ./.env && set +a && \\
\t  { nohup $(CRUNCH) up ${models}--data-dir $(DEV_FOLDER) --log-level info >> $(DEV_FOLDER)/up.log 2>&1 & echo $$! > $(DEV_FOLDER)/up.pid; }
\t@echo "started: make status, make logs, make down"

dev:
\t@:

deploy: $(if $(filter dev,$(MAKECMDGOALS)),deploy-dev,install)
\t$(if $(filter dev,$(MAKECMDGOALS)),@:,$(COMPOSE) up -d --build)

# make logs SERVICES="predict score" SINCE=10m LEVEL=warn EVENT=text MODEL=id
logs:
\t@$(if $(IS_DEV),cat node/$(DEV_FOLDER)/up.log,$(COMPOSE) logs --no-color $(SERVICES)) | ( cd node && \\
\t  $(CRUNCH) logs - --since $(SINCE) $(if $(SERVICES),--service $(SERVICES)) $(if $(LEVEL),--level $(LEVEL)) \\
\t  $(if $(EVENT),--event "$(EVENT)") $(if $(MODEL),--model "$(MODEL)") )

restart:
\t$(if $(IS_DEV),$(MAKE) down && $(MAKE) deploy-dev,$(COMPOSE) restart $(SERVICES))

down:
\t@if [ -f $(DEV_PID) ]; then pid=$$(cat $(DEV_PID)); kill $$pid 2>/dev/null; \\
\t  while kill -0 $$pid 2>/dev/null; do sleep 0.2; done; rm -f $(DEV_PID); \\
\telif [ -n "$(HAS_COMPOSE)" ]; then $(COMPOSE) down; else echo "nothing runs here"; fi

# after any change: is this configuration running, is every stage alive, what failed lately and what to do
verify: install
\t$(if $(IS_DEV),cd node && set -a && . ./.env && set +a && $(CRUNCH) verify-deployment --data-dir $(DEV_FOLDER),$(COMPOSE) run --rm verify)

status:
\tcd node && $(CRUNCH) status --data-dir $(DEV_FOLDER)

# make backfill FROM=2026-01-01 TO=2026-02-01
backfill: install
\t@[ -n "$(FROM)" ] && [ -n "$(TO)" ] || { echo "expected times: make backfill FROM=2026-01-01 TO=2026-02-01"; exit 2; }
\tcd node && set -a && . ./.env && set +a && $(CRUNCH) backfill --from $(FROM) --to $(TO)

# the example models over generated candles, with the figures of production
backtest: install
\tcd node && $(CRUNCH) backtest ../challenge/models/*.ts --feed synthetic --days $(DAYS)
`;
}

function readme({ name, pack, source, subjects }: Answers): string {
  const over = pack === 'tournament' ? 'rounds on demand' : `${subjects.join(', ')} from ${source}`;
  return `# ${name}

A prediction competition on crunch-node: the ${pack} pack, ${over}.

| folder | what is in it |
| --- | --- |
| \`node/\` | the coordinator: \`config/crunch.config.ts\` decides everything, \`api/\` adds routes, \`.env\` has the secrets |
| \`challenge/\` | what participants get: base class, examples, tests and a notebook, in TypeScript and Python |

With Node ${oldestNode} or newer and make:

\`\`\`sh
make test          # checks types, tests the configuration and the example models
make demo          # a short competition over generated data, ranked
make deploy dev    # goes live on this machine, in one process
make verify        # what an operator has to know after any change
make logs SERVICES="predict score" LEVEL=warn
make down
make deploy        # the same in containers, a service each, with TLS between all (node/compose.yaml, compose.secure.yaml)
\`\`\`
${pack === 'custom' ? '\nThe score is yours to write: `scoring_function` in the configuration. Until then the competition is refused to go live.\n' : ''}
On Kubernetes: \`helm upgrade --install ${name} node_modules/crunch-node/parts/deploy/helm/crunch-node -f node/helm-values.yaml\`.
`;
}
