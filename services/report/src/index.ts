/** The read model over HTTP. */
export { type AppOptions, createApp } from './app.ts';
export { customRoutesReading, reportReading } from './connect.ts';
export type { OperationsPort } from './operations/port.ts';
export type { CustomContext, CustomRoutes } from './plugins/custom-routes/context.ts';
export { CustomRoutesFault } from './plugins/custom-routes/fault.ts';
export type { CustomRoutesOptions } from './plugins/custom-routes/load.ts';
export { HttpFault } from './plugins/http/errors.ts';
export { BadKey } from './plugins/security/keys.ts';
export { type SecurityOptions, securityFrom, securityWarnings } from './plugins/security/options.ts';
export { BadPrefix } from './plugins/security/tiers.ts';
export type { ReportConfig, RouteContext } from './route-context.ts';
export { PortTaken, type ReportOptions, type ReportService, startReport } from './start.ts';
