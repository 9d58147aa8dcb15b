/** The report API, with the types of its own description. */
import createClient from 'openapi-fetch';
import { currentKey } from './key.ts';
import type { paths } from './openapi.gen.ts';

/** The API refused, or could not be reached (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A little more than the API itself waits for Postgres: a request never stays open. */
export const TIMEOUT_MS = 20_000;

export const client = createClient<paths>({
  baseUrl: '',
  querySerializer: { array: { style: 'form', explode: false } },
  fetch: (request) => fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) }),
});

client.use({
  onRequest({ request }) {
    const key = currentKey();
    if (key !== '') request.headers.set('X-API-Key', key);
    return request;
  },
});

/** @throws {ApiError} from what `fetch` or the API answered */
export function failed(error: unknown, response?: Response): ApiError {
  if (response !== undefined)
    return new ApiError(response.status, detailOf(error) ?? `the API answered ${response.status}`);
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  return new ApiError(0, isLate ? `no answer within ${TIMEOUT_MS / 1_000} seconds` : 'the API cannot be reached');
}

function detailOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const { message, detail } = body as { message?: unknown; detail?: unknown };
  if (typeof message === 'string') return message;
  return typeof detail === 'string' ? detail : null;
}
