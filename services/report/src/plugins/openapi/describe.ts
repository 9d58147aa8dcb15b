/** What makes a description of the routes a contract: names, access tiers, and refusals. */
import { patternSegments } from '../security/routed-path.ts';
import type { Tier, TierOf } from '../security/tiers.ts';
import { type RefusalStatus, refusals } from './errors.ts';
import { nameSchemas } from './name-schemas.ts';

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  parameters?: readonly { readonly in: string }[];
  requestBody?: object;
  responses?: Record<string, { readonly description?: string }>;
  security?: readonly Record<string, readonly string[]>[];
  'x-tier'?: Tier;
}

export interface Description {
  paths?: Record<string, Record<string, Operation>>;
  components?: Record<string, unknown>;
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];

/** `?api_key=` is read too, and left out on purpose: clients made from the description would send secrets in URLs. */
const securitySchemes = {
  header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  bearer: { type: 'http', scheme: 'bearer' },
};
const withKey = [{ header: [] }, { bearer: [] }];
/** Reading needs a key where `API_READ_AUTH` is set. */
const securityOf: Readonly<Record<Tier, NonNullable<Operation['security']>>> = {
  public: [],
  read: [{}, ...withKey],
  admin: withKey,
};

/** Adds what follows from method, path and tier, and gives schemas with a title a place under `components`. */
export function describe(description: Description, tierOf: TierOf): Description {
  for (const [path, item] of Object.entries(description.paths ?? {})) {
    for (const [method, operation] of Object.entries(item)) {
      if (!METHODS.includes(method)) continue;
      const tier = tierOf(method.toUpperCase(), patternSegments(path));
      const responses: Record<string, object> = Object.fromEntries(
        Object.entries(operation.responses ?? {}).map(withText),
      );
      for (const status of refusalsOf(method, operation, tier)) {
        responses[status] ??= { $ref: `#/components/responses/${status}` };
      }
      // a copy: methods of one route share theirs
      item[method] = {
        ...operation,
        operationId: operation.operationId ?? operationIdOf(method, path),
        security: securityOf[tier],
        'x-tier': tier,
        responses,
      };
    }
  }
  const responses = Object.fromEntries(Object.entries(refusals));
  Object.assign(description, { components: { ...description.components, securitySchemes, responses } });
  return nameSchemas(description);
}

function refusalsOf(method: string, { parameters = [], requestBody }: Operation, tier: Tier): RefusalStatus[] {
  const isRead = method === 'get' || method === 'head';
  return [
    ...(isRead ? [] : ([400, 409, 413, 415] as const)),
    ...(tier === 'public' ? [] : ([401, 403] as const)),
    ...(parameters.some((parameter) => parameter.in === 'path') ? ([404] as const) : []),
    ...(parameters.length > 0 || requestBody !== undefined ? ([422] as const) : []),
    429,
    500,
    503,
  ];
}

const TEXTS: Readonly<Record<string, string>> = { 200: 'What was asked for', 201: 'It is made', 202: 'It has begun' };
const withText = ([status, response]: [string, { readonly description?: string }]) =>
  [
    status,
    { ...response, ...(response.description === 'Default Response' && { description: TEXTS[status] ?? status }) },
  ] as const;

/** `GET /reports/checkpoints/{id}/payload` is `get_reports_checkpoints_by_id_payload`. */
const operationIdOf = (method: string, path: string): string =>
  [method, ...path.split('/')]
    .map((part) => part.replace(/^\{(.*)\}$/, 'by_$1').replaceAll(/[^A-Za-z0-9]+/g, '_'))
    .filter((part) => part !== '')
    .join('_');
