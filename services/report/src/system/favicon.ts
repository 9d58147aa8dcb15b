import type { FastifyPluginAsync } from 'fastify';

/** Two rising bars and a rising line. */
const ICON = [
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1b2a41"/>',
  '<path d="M4 12V9m4 3V6" stroke="#7bdff2" stroke-width="2"/>',
  '<path d="M3 6l4-3 5 6" fill="none" stroke="#f7b267" stroke-width="1.5"/></svg>',
].join('');

/** The icon browsers request with every page. */
export const faviconRoutes: FastifyPluginAsync = async (app) => {
  app.get('/favicon.ico', { schema: { hide: true } }, (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(ICON),
  );
};
