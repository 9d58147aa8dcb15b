import type { RawAnswer } from '../raw-request.ts';
import type { ApiDescription, FuzzRequest } from './requests.ts';

/** What a response must never contain. */
const LEAKS: readonly (readonly [string, RegExp])[] = [
  ['a stack trace', /\bat (?:async )?[\w.<>[\] ]+ \(?(?:file:|node:|\/)[^\s]+:\d+:\d+/],
  ['a place in a file', /\b[\w-]+\.(?:ts|js|mjs|cjs):\d+/],
  ['a folder of the server', /(?:node_modules|\/(?:home|root|usr|tmp|app|var)\/[\w.-]+\/)/],
  [
    'SQL',
    /\b(?:select|insert|update|delete)\b.{1,80}\b(?:from|into|set|where)\b|\bpg_catalog\b|relation ".*" does not exist/i,
  ],
  [
    'an error of Postgres',
    /\b(?:invalid input syntax|out of range for type|syntax error at or near|SQLSTATE|invalid byte sequence)\b/i,
  ],
  ['an address of a server', /\b(?:postgres|postgresql|nats):\/\//],
  [
    'an error of the runtime',
    /\b(?:TypeError|RangeError|ReferenceError|SyntaxError|AssertionError|ECONNREFUSED|ENOENT)\b/,
  ],
];

const PLAIN_500 = 'Internal Server Error';
/** What the HTTP server itself refuses before any handler runs. */
const BY_THE_SERVER = new Set([400, 404, 405, 408, 413, 414, 415, 431]);

/** Everything that is wrong with a response; nothing: []. */
export function faultsOf(
  { operation, method, target, body: sent }: FuzzRequest,
  { status, headers, body }: RawAnswer,
  api: ApiDescription,
  keys: readonly string[],
): string[] {
  const faults: string[] = [];
  if (status >= 500 && status !== 503) faults.push(`answered ${status}`);
  if (status === 503 && headers['retry-after'] === undefined) faults.push('503 without Retry-After');
  if (headers['x-injected'] !== undefined) faults.push('a header was injected');
  if (operation !== null && isUndocumented(operation, status, api)) faults.push(`${status} is not documented`);
  const type = String(headers['content-type'] ?? '');
  if (status >= 400 && method !== 'HEAD' && body !== PLAIN_500) faults.push(...faultsOfRefusal(type, body));
  if (status === 200 && type.startsWith('application/json') && method !== 'HEAD' && !isJson(body))
    faults.push('no JSON');

  // Text of the request may be repeated: only text that did not come from it has leaked.
  const echoed = `${target}\n${safeDecoded(target)}\n${sent?.toString('utf8') ?? ''}`;
  const isPage =
    type.startsWith('text/html') || type.startsWith('application/javascript') || type.startsWith('text/css');
  if (!isPage && status >= 300) {
    for (const [what, pattern] of LEAKS) {
      const found = pattern.exec(body)?.[0];
      if (found !== undefined && !echoed.includes(found)) faults.push(`leaks ${what}: ${found.slice(0, 120)}`);
    }
  }
  for (const key of keys) {
    if (body.includes(key) || JSON.stringify(headers).includes(key))
      if (!echoed.includes(key)) faults.push('leaks a key');
  }
  return faults;
}

function faultsOfRefusal(type: string, body: string): string[] {
  if (!type.startsWith('application/json')) return [`a refusal of type ${type}`];
  if (!isJson(body)) return ['a refusal that is no JSON'];
  const { detail, message } = JSON.parse(body) as Record<string, unknown>;
  return detail === undefined || typeof message !== 'string' ? [`a refusal without detail or message: ${body}`] : [];
}

const isUndocumented = (operation: string, status: number, { paths }: ApiDescription): boolean => {
  const [method = '', path = ''] = operation.split(' ');
  const documented = paths[path]?.[method.toLowerCase()]?.responses ?? {};
  return !(String(status) in documented) && !BY_THE_SERVER.has(status) && status !== 307;
};

const isJson = (body: string): boolean => {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
};

const safeDecoded = (target: string): string => {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
};
