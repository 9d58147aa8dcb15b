/** The subscriber's side of docs/signals.md: signals of ensembles, live and from history. Independent of the engine. */
export type { ConnectionStatus } from '@crunch-node/eventlog';
export {
  CannotReach,
  LogHasGap,
  LogUnavailable,
  LogWentBackwards,
  NotPermitted,
  WrongCredentials,
} from '@crunch-node/eventlog';
export { type CurrentWeights, connectSignals, type SignalsClient, type SignalsConnection } from './connect-signals.ts';
export type { Signal, SignalsOptions } from './read-signals.ts';
export type { Since } from './since.ts';
