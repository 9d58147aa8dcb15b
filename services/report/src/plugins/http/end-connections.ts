import type { FastifyInstance } from 'fastify';

/** How long responses in progress may take once the server closes. */
const GRACE_MS = 3_000;

/**
 * Ends connections when the server closes: idle ones at once (the framework does), the others when they had their time.
 * A client that stopped reading would hold a server up for as long as a connection is kept alive.
 */
export function endConnections(app: FastifyInstance, graceMs: number = GRACE_MS): void {
  app.addHook('preClose', async () => {
    const idle = setInterval(() => app.server.closeIdleConnections(), graceMs / 10);
    const rest = setTimeout(() => app.server.closeAllConnections(), graceMs);
    app.server.once('close', () => {
      clearInterval(idle);
      clearTimeout(rest);
    });
    // A server that never listened emits nothing when it is closed.
    if (!app.server.listening) {
      clearInterval(idle);
      clearTimeout(rest);
    }
  });
}
