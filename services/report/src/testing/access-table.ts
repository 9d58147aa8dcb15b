/**
 * Who may ask what, written by hand from the specification and not derived from the code it is compared with: method,
 * route, its tier, and its tier under {@link ownPrefixes}. A new route needs a line here.
 */
export type Access = readonly [method: string, route: string, tier: TierName, ownTier: TierName];
export type TierName = 'public' | 'read' | 'admin';

/** Prefixes that replace the default ones. */
export const ownPrefixes = {
  publicPrefixes: ['/healthz', '/signals/ensemble/x', '/reports/checkpoints'],
  adminPrefixes: ['/reports/models/', '/reports/predictions', '/reports/merkle/cycles/x'],
};

export const accessTable: readonly Access[] = [
  ['GET', '/healthz', 'public', 'public'],
  ['GET', '/readyz', 'public', 'read'],
  ['GET', '/info', 'public', 'read'],
  ['GET', '/openapi.json', 'public', 'read'],
  ['GET', '/docs', 'public', 'read'],
  ['GET', '/docs/json', 'public', 'read'],
  ['GET', '/docs/yaml', 'public', 'read'],
  ['GET', '/docs/static/*', 'public', 'read'],
  ['HEAD', '/docs/static/*', 'public', 'read'],
  ['GET', '/docs/static/index.html', 'public', 'read'],
  ['GET', '/docs/static/swagger-initializer.js', 'public', 'read'],
  ['GET', '/redoc', 'public', 'read'],
  ['GET', '/timing-metrics', 'read', 'read'],
  ['GET', '/reports/schema', 'public', 'read'],
  ['GET', '/reports/schema/leaderboard-columns', 'public', 'read'],
  ['GET', '/reports/schema/metrics-widgets', 'public', 'read'],
  ['GET', '/reports/leaderboard', 'public', 'read'],
  ['GET', '/reports/models', 'public', 'read'],
  ['GET', '/reports/models/global', 'public', 'admin'],
  ['GET', '/reports/models/params', 'public', 'admin'],
  ['GET', '/reports/models/metrics', 'public', 'admin'],
  ['GET', '/reports/models/summary', 'public', 'admin'],
  ['GET', '/reports/models/:model_id/diversity', 'public', 'admin'],
  ['GET', '/reports/predictions', 'read', 'admin'],
  ['GET', '/reports/feeds', 'public', 'read'],
  ['GET', '/reports/feeds/tail', 'public', 'read'],
  ['GET', '/reports/snapshots', 'read', 'read'],
  ['GET', '/reports/diversity', 'public', 'read'],
  ['GET', '/reports/ensemble/history', 'public', 'read'],
  ['GET', '/signals/ensemble', 'read', 'read'],
  ['GET', '/signals/ensemble/:name', 'read', 'public'],
  ['GET', '/signals/ensemble/:name/history', 'read', 'public'],
  ['GET', '/reports/checkpoints', 'read', 'public'],
  ['GET', '/reports/checkpoints/latest', 'read', 'public'],
  ['GET', '/reports/checkpoints/rewards', 'public', 'public'],
  ['GET', '/reports/checkpoints/latest/prizes', 'read', 'public'],
  ['GET', '/reports/checkpoints/:id/payload', 'read', 'public'],
  ['GET', '/reports/checkpoints/:id/emission', 'read', 'public'],
  ['GET', '/reports/checkpoints/:id/emission/cli-format', 'read', 'public'],
  ['GET', '/reports/checkpoints/:id/prizes', 'read', 'public'],
  ['POST', '/reports/checkpoints/:id/confirm', 'admin', 'admin'],
  ['PATCH', '/reports/checkpoints/:id/status', 'admin', 'admin'],
  ['GET', '/reports/emissions/latest', 'read', 'read'],
  ['GET', '/reports/merkle/cycles', 'public', 'read'],
  ['GET', '/reports/merkle/cycles/:cycle_id', 'public', 'admin'],
  ['GET', '/reports/merkle/proof', 'public', 'read'],
  ['POST', '/tournament/rounds/:round_id/inference', 'admin', 'admin'],
  ['POST', '/tournament/rounds/:round_id/score', 'admin', 'admin'],
  ['GET', '/tournament/rounds/:round_id/status', 'read', 'read'],
];

/** A request of the route: every parameter is `x`. */
export const urlOf = (route: string): string => route.replaceAll(/:\w+/g, 'x').replace('*', 'swagger-ui.css');
