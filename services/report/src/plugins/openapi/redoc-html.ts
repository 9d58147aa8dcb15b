/** The description of the API as one page that needs no script. */
import { escaped, type Schema, typeOf } from './schema-text.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Answer;
  readonly responses?: Readonly<Record<string, Answer>>;
  readonly 'x-tier'?: string;
}

export interface ReferenceDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Answer>>;
  };
}

export const STYLE = `
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
nav a{margin-right:.8rem;white-space:nowrap}h2{margin-top:2.5rem;border-bottom:1px solid #8886}
article{margin:1.6rem 0}h3{font-size:1rem;margin:0}code,h3{font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #8883}
.tier{font-size:.8rem;border:1px solid #8888;border-radius:.3rem;padding:0 .4rem;margin-left:.5rem}p{margin:.3rem 0}
`;

export function referenceHtml(document: ReferenceDocument): string {
  const { info, tags = [], paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags
    .map((tag) => ({ ...tag, found: operations.filter(({ operation }) => operation.tags?.includes(tag.name)) }))
    .filter(({ found }) => found.length > 0);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escaped(info.title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>`,
    ...(info.description ?? '').split('\n').map((line) => `<p>${escaped(line)}</p>`),
    '<p>Machines read <a href="openapi.json">openapi.json</a>; requests can be tried at <a href="docs">docs</a>.</p>',
    `<nav>${sections.map(({ name }) => `<a href="#${anchorOf(name)}">${escaped(name)}</a>`).join(' ')}`,
    '<a href="#schemas">schemas</a><a href="#refusals">refusals</a></nav>',
    ...sections.flatMap(({ name, description = '', found }) => [
      `<h2 id="${anchorOf(name)}">${escaped(name)}</h2><p>${escaped(description)}</p>`,
      ...found.map(({ path, method, operation }) => operationHtml(method, path, operation)),
    ]),
    '<h2 id="refusals">refusals</h2>',
    rows(Object.entries(components.responses).map(([status, answer]) => [status, ...answerCells(answer)])),
    '<h2 id="schemas">schemas</h2>',
    ...Object.entries(components.schemas).map(schemaHtml),
    '</body></html>',
  ].join('\n');
}

const anchorOf = (name: string): string => name.replaceAll(/\W+/g, '-');

function operationHtml(method: string, path: string, operation: Operation): string {
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation;
  const answers = Object.entries(responses).filter(([, { $ref }]) => $ref === undefined);
  const refused = Object.entries(responses).filter(([, { $ref }]) => $ref !== undefined);
  return [
    `<article><h3>${escaped(method.toUpperCase())} ${escaped(path)}<span class="tier">${escaped(operation['x-tier'] ?? '')}</span></h3>`,
    `<p>${escaped(summary)}</p>`,
    ...(description === '' ? [] : [`<p>${escaped(description)}</p>`]),
    rows(
      parameters.map(({ name, in: place, required, schema, description: about = '' }) => [
        `<code>${escaped(name)}</code>${required ? ' (required)' : ''}`,
        escaped(place),
        typeOf(schema),
        escaped(about),
      ]),
    ),
    ...(requestBody === undefined ? [] : [rows([['body', ...answerCells(requestBody)]])]),
    rows(answers.map(([status, answer]) => [status, ...answerCells(answer)])),
    `<p>Refused with ${refused.map(([status]) => `<a href="#refusals">${escaped(status)}</a>`).join(', ')}</p></article>`,
  ].join('\n');
}

const answerCells = ({ description = '', content = {} }: Answer): string[] => [
  escaped(description),
  Object.entries(content)
    .map(([type, { schema }]) => (type === 'application/json' ? typeOf(schema) : escaped(type)))
    .join(', '),
];

function schemaHtml([name, schema]: readonly [string, Schema]): string {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([field, value]) => [
    `<code>${escaped(field)}</code>${required.has(field) ? '' : ' (optional)'}`,
    typeOf(value),
    escaped(value.description ?? ''),
  ]);
  const more = schema.additionalProperties === true ? '<p>With further fields of the competition.</p>' : '';
  return `<article id="schema-${escaped(name)}"><h3>${escaped(name)}</h3><p>${escaped(schema.description ?? '')}</p>${rows(fields)}${more}</article>`;
}

const rows = (cells: readonly (readonly string[])[]): string =>
  cells.length === 0
    ? ''
    : `<table>${cells.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`;
