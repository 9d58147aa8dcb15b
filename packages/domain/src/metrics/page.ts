import { metricDocuments } from './documented.ts';

/** `docs/metrics.md`, whole. */
export const metricsPage = (): string => `# Metrics

Made by \`scripts/metrics\` from \`packages/domain/src/metrics/documented.ts\`. \`metrics\` in a configuration names those that are
computed; metrics of your own are in [configuration.md](configuration.md#metrics-of-ones-own).

Each is computed for a model in a scope over the longest window, in time order, from rounds that have both an answer and
an outcome, and averaged over scopes. \`p\` are predictions, \`a\` what really happened, \`s\` values of scores. A metric that
cannot be computed is absent with a reason, never 0.

| name | title | range | better | formula |
| --- | --- | --- | --- | --- |
${rows(({ name, title, range, better, formula }) => `| \`${name}\` | ${title} | ${escaped(range)} | ${better} | ${escaped(formula)} |`)}

${rows(({ name, doc }) => `- \`${name}\`: ${doc}`)}
`;

interface Named {
  readonly name: string;
  readonly title: string;
  readonly range: string;
  readonly better: string;
  readonly formula: string;
  readonly doc: string;
}

const rows = (lineOf: (metric: Named) => string): string =>
  Object.entries(metricDocuments)
    .map(([name, document]) => lineOf({ name, ...document }))
    .join('\n');

/** A bar would end a cell. */
const escaped = (text: string): string => text.replaceAll('|', '\\|');
