import type { Dice } from './dice.ts';
import { hostileBytes, hostileJson, hostileText, hostileTexts } from './hostile.ts';

interface Shape {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Shape }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Shape }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

/** What is known of an API before the first request. */
export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
}

export interface FuzzRequest {
  /** `GET /reports/models`, as described; null: something that is not */
  readonly operation: string | null;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** Values that mean something, gathered from the API itself, so that requests get past the first check. */
export interface FuzzContext {
  readonly keys: readonly string[];
  readonly known: readonly string[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'REPORT'];

/** A request, most often nearly valid: one that is wrong throughout is refused at the first check. */
export function fuzzRequest(api: ApiDescription, dice: Dice, context: FuzzContext): FuzzRequest {
  const operations = Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const { path, method: described, operation } = dice.oneOf(operations);
  const method = dice.chance(0.85) ? described : dice.oneOf(METHODS);
  const value = (): string =>
    dice.chance(0.4) && context.known.length > 0 ? dice.oneOf(context.known) : hostileText(dice);
  const parameters = operation.parameters ?? [];

  const filled = path.replaceAll(/\{[^}]*\}/g, () => {
    const part = encodeURIComponent(value().toWellFormed());
    return dice.chance(0.1) ? part.replaceAll('.', '%2e') : part;
  });
  const isBent = dice.chance(0.03);
  const bend = isBent ? dice.oneOf(['/', '//', '/..', '%00', ';a=b', '%2f', '/x', '%zz', '\\']) : '';
  const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const query = [...names, ...(dice.chance(0.2) ? ['api_key', hostileText(dice)] : [])].flatMap((name) =>
    Array.from({ length: dice.chance(0.5) ? 0 : dice.chance(0.9) ? 1 : dice.below(20) }, () =>
      [name, name === 'api_key' ? dice.oneOf(WRONG_KEYS) : value()]
        .map((part) => encodeURIComponent(part.toWellFormed()))
        .join(dice.chance(0.97) ? '=' : ''),
    ),
  );
  const body = method === 'GET' && dice.chance(0.97) ? null : bodyOf(operation, api, dice, value);
  return {
    operation: method === described && !isBent && !filled.includes('//') ? `${described} ${path}` : null,
    method,
    target: `${filled}${bend}${query.length > 0 ? `?${query.join('&')}` : ''}`.slice(0, 12_000),
    headers: {
      ...(body !== null && { 'content-type': dice.chance(0.9) ? 'application/json' : dice.oneOf(TYPES) }),
      ...keyHeader(dice, context.keys),
      ...(dice.chance(0.1) && { origin: dice.oneOf(['https://ui.example', 'null', 'x'.repeat(300)]) }),
      ...(dice.chance(0.1) && { 'if-none-match': dice.oneOf(['*', 'W/"x"', '"', '"a", W/"b"', 'x'.repeat(500)]) }),
      ...(dice.chance(0.05) && { range: dice.oneOf(['bytes=0-', 'bytes=-1', 'bytes=9-1', 'bytes=0-1,3-4', 'x=1']) }),
      ...(dice.chance(0.05) && { 'accept-encoding': dice.oneOf(['gzip', 'br', 'identity;q=0', '*;q=0', ',,;']) }),
      ...(dice.chance(0.05) && { 'last-event-id': dice.oneOf(['0', '-1', 'x', '9'.repeat(40), 'a:b:c']) }),
    },
    body,
  };
}

/** Few enough not to count as guesses of keys, after which every request would be refused. */
const WRONG_KEYS = hostileTexts.slice(-12);
const TYPES = [
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'application/json; charset=x',
  '',
  'a/b/c',
];

function keyHeader(dice: Dice, keys: readonly string[]): Record<string, string> {
  if (dice.chance(0.1)) return {};
  const key = dice.chance(0.9) && keys.length > 0 ? dice.oneOf(keys) : 'no-key-of-anybody';
  return dice.chance(0.5) ? { 'x-api-key': key } : { authorization: `Bearer ${key}` };
}

function bodyOf(operation: Operation, { components }: ApiDescription, dice: Dice, value: () => string): Buffer | null {
  if (dice.chance(0.15)) return hostileBytes(dice);
  if (dice.chance(0.25)) return Buffer.from(JSON.stringify(hostileJson(dice)));
  const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  if (schema === undefined) return dice.chance(0.5) ? null : Buffer.from(JSON.stringify(hostileJson(dice)));
  const like = (shape: Shape | undefined, depth: number): unknown => {
    if (shape === undefined || depth > 5 || dice.chance(0.08)) return hostileJson(dice, depth);
    if (shape.$ref !== undefined) return like(components.schemas[shape.$ref.split('/').at(-1) ?? ''], depth + 1);
    if (shape.anyOf !== undefined) return like(dice.oneOf(shape.anyOf), depth + 1);
    if (shape.enum !== undefined) return dice.oneOf(shape.enum);
    switch ([shape.type ?? 'object'].flat()[0]) {
      case 'array':
        return Array.from({ length: dice.below(4) }, () => like(shape.items, depth + 1));
      case 'object':
        return shape.properties === undefined
          ? hostileJson(dice, 3)
          : Object.fromEntries(
              Object.entries(shape.properties)
                .filter(() => dice.chance(0.9))
                .map(([name, part]) => [name, like(part, depth + 1)]),
            );
      case 'string':
        return value();
      default:
        return hostileJson(dice, 4);
    }
  };
  return Buffer.from(JSON.stringify(like(schema, 0)));
}
