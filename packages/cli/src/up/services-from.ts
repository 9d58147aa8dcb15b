import type { Environment } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import type { PredictOptions } from '@crunch-node/predict';
import type { Closers, ServiceContext } from '@crunch-node/service';
import type { Namespace } from '@crunch-node/streams';
import type { Endpoints } from '../endpoints.ts';

export interface ServicesFrom {
  readonly context: ServiceContext<CrunchConfig>;
  readonly namespace: Namespace;
  readonly environment: Environment;
  readonly endpoints: Endpoints;
  readonly closers: Closers;
  /** connections to the models; used by `predict` alone */
  models(): Promise<PredictOptions>;
  print(line: string): void;
  /** models of the operator's own, for a process that runs some */
  readonly ownModels?: OwnModels;
}

export interface OwnModels {
  /** folders and files, or one list */
  readonly paths: readonly string[];
  readonly dataDir: string;
  /** the examples compete too */
  readonly withExamples: boolean;
  readonly signal: AbortSignal;
}
