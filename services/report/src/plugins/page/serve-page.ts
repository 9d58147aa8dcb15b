/** The web page at `/` and its files at `/ui/`; the documentation at `/docs/`. Static files, built before the start. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendFault } from '../http/errors.ts';
import { documentPolicy } from '../security/page-headers.ts';
import { pagePolicy } from './page-policy.ts';

export interface PageFolders {
  /** of the web page; absent: `/` is not found */
  readonly web?: string;
  /** of the documentation; absent: `/docs` is the description of the API */
  readonly docs?: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** files that hold no data: they need no key, so that one can be entered */
    isPage?: boolean;
  }
}

const YEAR_SECONDS = 31_536_000;
const hide = { hide: true };

export async function servePage(
  app: FastifyInstance,
  { web, docs }: PageFolders,
  frameOrigins: readonly string[],
): Promise<void> {
  // An operator's own route comes first.
  const isTaken = app.knownRoutes.some(({ url }) => url === '/');
  if (web !== undefined && !isTaken) await serveWeb(app, web, pagePolicy(frameOrigins));
  if (docs !== undefined) await serveDocs(app, docs, documentPolicy(frameOrigins));
}

async function serveWeb(app: FastifyInstance, folder: string, policy: string): Promise<void> {
  const html = await readFile(join(folder, 'index.html'));
  app.get('/', { schema: hide, config: { isPage: true } }, (request, reply) => {
    reply.header('vary', 'Accept');
    if (!wantsPage(request)) return sendFault(reply, 404, 'Not Found');
    return reply
      .header('content-security-policy', policy)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(html);
  });
  await app.register(async (files) => {
    files.addHook('onRoute', (route) => {
      route.config = { ...route.config, isPage: true };
    });
    await files.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/ui/assets/',
      preCompressed: true,
      index: false,
      decorateReply: false,
      immutable: true, // their names are hashes of their content
      maxAge: YEAR_SECONDS * 1_000,
    });
  });
}

async function serveDocs(app: FastifyInstance, folder: string, policy: string): Promise<void> {
  app.get('/docs', { schema: hide }, (_request, reply) => reply.redirect('/docs/', 302));
  // The generator's links are all to files.
  app.get('/docs/api.html', { schema: hide }, (_request, reply) => reply.redirect('/docs/api', 302));
  await app.register(async (files) => {
    files.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', policy);
    });
    await files.register(fastifyStatic, {
      root: folder,
      prefix: '/docs/',
      preCompressed: true,
      decorateReply: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isNamedByContent = path.includes(join(folder, 'assets'));
        reply.header('cache-control', isNamedByContent ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
      },
    });
  });
}

/** Clients of the API that ask for JSON get what they always got. */
function wantsPage({ headers: { accept = '*/*' } }: FastifyRequest): boolean {
  const accepted = accept.toLowerCase();
  return accepted.includes('text/html') || (accepted.includes('*/*') && !accepted.includes('json'));
}
