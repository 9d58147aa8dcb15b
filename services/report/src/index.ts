/** The read model over HTTP. */
export { type AppOptions, createApp } from './app.ts';
export { HttpFault } from './http/errors.ts';
export type { ReportConfig, RouteMeans } from './route-means.ts';
export { PortTaken, type ReportOptions, type ReportService, startReport } from './start.ts';
