import type { ServerResponse } from 'node:http';

/** What a fake server does instead of a normal response: another response, or a way not to respond. */
export type Instead =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** text as it is, garbage for instance */
  | { readonly text: string; readonly status?: number }
  /** the connection ends in the middle of the response */
  | { readonly half: string }
  /** nothing ever comes */
  | { readonly silent: true }
  /** the connection ends without a response */
  | { readonly dropped: true };

export const json = (body: unknown): string => (body === undefined ? '' : JSON.stringify(body));

export function answerInstead(
  response: ServerResponse,
  instead: Instead,
  headers: Readonly<Record<string, string>>,
): void {
  if ('silent' in instead) return;
  if ('dropped' in instead) {
    response.destroy();
    return;
  }
  if ('half' in instead) {
    response.writeHead(200, { ...headers, 'content-length': String(instead.half.length * 2) });
    response.write(instead.half, () => response.destroy());
    return;
  }
  if ('text' in instead) {
    response.writeHead(instead.status ?? 200, headers).end(instead.text);
    return;
  }
  response.writeHead(instead.status, { ...headers, ...instead.headers }).end(json(instead.body));
}
