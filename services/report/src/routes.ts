/** What a file of custom routes imports: docs/custom-routes.md. */
export type { CustomContext, CustomRoutes } from './plugins/custom-routes/context.ts';
export { HttpFault } from './plugins/http/errors.ts';
export type { ReportConfig } from './route-context.ts';
