import type { Environment } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import type { ServiceContext } from '@crunch-node/service';
import type { Namespace } from '@crunch-node/streams';
import type { Closers } from '../closers.ts';
import type { Means } from '../means.ts';

export interface ServicesFrom {
  readonly context: ServiceContext<CrunchConfig>;
  readonly namespace: Namespace;
  readonly environment: Environment;
  readonly means: Means;
  readonly closers: Closers;
  say(line: string): void;
}
