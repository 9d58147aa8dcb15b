/** The read model over HTTP. */
export { type AppOptions, createApp } from './app.ts';
export { customRoutesReading, reportReading } from './connect.ts';
export { CustomRoutesFault } from './custom-routes/fault.ts';
export type { CustomRoutesOptions } from './custom-routes/load.ts';
export type { CustomMeans, CustomRoutes } from './custom-routes/means.ts';
export { HttpFault } from './http/errors.ts';
export type { ReportConfig, RouteMeans } from './route-means.ts';
export { BadKey } from './security/keys.ts';
export { type SecurityOptions, securityFrom, securityWarnings } from './security/options.ts';
export { BadPrefix } from './security/tiers.ts';
export { PortTaken, type ReportOptions, type ReportService, startReport } from './start.ts';
