/** The read model over HTTP. */
export { type AppOptions, createApp } from './app.ts';
export { customRoutesReading, reportReading } from './connect.ts';
export type { CustomContext, CustomRoutes } from './custom-routes/context.ts';
export { CustomRoutesFault } from './custom-routes/fault.ts';
export type { CustomRoutesOptions } from './custom-routes/load.ts';
export { HttpFault } from './http/errors.ts';
export type { ReportConfig, RouteContext } from './route-context.ts';
export { BadKey } from './security/keys.ts';
export { type SecurityOptions, securityFrom, securityWarnings } from './security/options.ts';
export { BadPrefix } from './security/tiers.ts';
export { PortTaken, type ReportOptions, type ReportService, startReport } from './start.ts';
