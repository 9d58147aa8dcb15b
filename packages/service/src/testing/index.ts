/** A log for the tests of services. */
export { freshNamespace, type OwnLog, type OwnLogOptions, openOwnLog } from './own-log.ts';
