import { readFileSync } from 'node:fs';
import type { Answers } from '../answers.ts';
import { type ProjectContext, text } from '../written.ts';
import { secureCompose } from './secure-compose.ts';

/** The same as in the engine's own deployment. */
const deployed = (file: string): string => readFileSync(new URL(`../../../../deploy/${file}`, import.meta.url), 'utf8');

export const containerFiles = (answers: Answers, context: ProjectContext): [string, string][] => [
  ['node/compose.yaml', compose(answers)],
  ['node/Dockerfile', dockerfile(context)],
  ['node/compose.secure.yaml', secureComposeOf(answers)],
  ...['nats.conf', 'nats.secure.conf', 'certificates.sh', 'pg_hba.conf'].map((file): [string, string] => [
    `node/${file}`,
    deployed(file),
  ]),
  ['node/helm-values.yaml', helmValues(answers)],
];

const dockerfile = ({ specifiers }: ProjectContext): string =>
  text(`
  # Built from the folder of the project: docker compose has it as context.
  FROM node:20-bookworm-slim
  WORKDIR /app
  COPY package*.json .npmrc ./
  COPY node/package.json node/
  COPY challenge/package.json challenge/
  ${specifiers === null ? '' : 'COPY vendor vendor\n  '}RUN npm install --omit=dev
  COPY node node
  RUN mkdir -p node/data/backfill && chown -R node:node node/data
  USER node
  WORKDIR /app/node
  ENV NODE_ENV=production
  ENTRYPOINT ["npx", "--no-install", "crunch-node"]
`);

const stagesOf = ({ pack }: Answers): readonly string[] =>
  pack === 'trading' || pack === 'tournament'
    ? ['snapshot', 'rank', 'checkpoint']
    : ['ensemble', 'snapshot', 'rank', 'checkpoint'];

function secureComposeOf(answers: Answers): string {
  const services = ['ingest', 'predict', 'score', ...stagesOf(answers), 'project', 'backfill', 'report'];
  return secureCompose({
    services: [...services.map((one) => [one, one] as const), ['activate', 'operator'], ['verify', 'operator']],
    usage: 'make deploy starts compose.yaml with it; make deploy TLS=no without',
    folder: '.',
  });
}

function compose(answers: Answers): string {
  const { name } = answers;
  const stages = stagesOf(answers);
  return `# Each service is a container of its own; predict and score share their partitions. Not run where it was written.
name: ${name}

x-service: &service
  build: { context: .., dockerfile: node/Dockerfile }
  init: true
  env_file: [.env]
  environment: &environment
    NATS_URL: nats://services:\${NATS_SERVICES_PASSWORD}@nats:4222
    DATABASE_URL: postgres://crunch:\${POSTGRES_PASSWORD}@postgres:5432/crunch
    SERVICE_HOST: 0.0.0.0
    SERVICE_PORT: "9464"
  networks: [backend, external]
  depends_on: { activate: { condition: service_completed_successfully } }
  stop_grace_period: 30s
  restart: unless-stopped

services:
  nats:
    image: nats:2.10-alpine
    command: ["-c", "/etc/nats/nats.conf"]
    env_file: [.env]
    volumes: ["./nats.conf:/etc/nats/nats.conf:ro", "nats-data:/data"]
    networks: [backend]
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "-", "http://127.0.0.1:8222/healthz"]
      interval: 5s
      start_period: 30s
    restart: unless-stopped

  postgres:
    image: postgres:16-alpine
    environment: { POSTGRES_USER: crunch, POSTGRES_PASSWORD: "\${POSTGRES_PASSWORD}", POSTGRES_DB: crunch }
    volumes: ["postgres-data:/var/lib/postgresql/data"]
    networks: [backend]
    healthcheck: { test: ["CMD-SHELL", "pg_isready -U crunch"], interval: 5s }
    restart: unless-stopped

  # makes the configuration the active one, then ends
  activate:
    <<: *service
    command: [activate]
    depends_on: { nats: { condition: service_healthy } }
    restart: on-failure

  ingest: { <<: *service, command: [serve, ingest] }
  predict: { <<: *service, command: [serve, predict], deploy: { replicas: 2 } }
  score: { <<: *service, command: [serve, score], deploy: { replicas: 2 } }
${stages.map((stage) => `  ${stage}: { <<: *service, command: [serve, ${stage}] }`).join('\n')}
  project: { <<: *service, command: [serve, project] }

  backfill:
    <<: *service
    command: [serve, backfill]
    volumes: ["feed-archive:/app/node/data/backfill"]

  report:
    <<: *service
    command: [serve, report]
    environment: { <<: *environment, REPORT_API_HOST: 0.0.0.0, REPORT_API_PORT: "8000" }
    volumes: ["feed-archive:/app/node/data/backfill:ro"]
    ports: ["127.0.0.1:\${REPORT_API_PORT:-8000}:8000"]

  # make verify
  verify:
    <<: *service
    command: [verify-deployment, --api, "http://report:8000"]
    profiles: [tools]
    restart: "no"

networks:
  backend: { internal: true }
  external: {}

volumes:
  nats-data:
  postgres-data:
  feed-archive:
`;
}

const helmValues = ({ name }: Answers): string =>
  text(`
  # helm upgrade --install ${name} node_modules/crunch-node/parts/deploy/helm/crunch-node -f node/helm-values.yaml
  # Every value is described in the chart's values.yaml.
  crunchId: ${name}
  image:
    repository: registry.example.com/${name} # built from node/Dockerfile
    tag: "0.1.0"
  config:
    module: ./config/crunch.config.ts
  database:
    existingSecret: ${name}-database # key: url
  models:
    host: model-orchestrator
    port: 9091
  scaling:
    predict: { min: 2, max: 4 }
    score: { min: 2, max: 4 }
`);
