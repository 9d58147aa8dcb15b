/** A log as the tests of services need it. */
export { freshNamespace, type OwnLog, type OwnLogOptions, openOwnLog } from './own-log.ts';
