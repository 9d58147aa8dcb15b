import type { JsonObject } from '@crunch-node/streams';
import type { HostReply, Instance } from './model-process.ts';

/** Where a thread finds a model. */
export type ModelSource =
  | { readonly kind: 'file'; readonly reference: string; readonly cwd: string }
  | { readonly kind: 'example'; readonly set: string; readonly model_id: string };

export interface ThreadData {
  /** by model id */
  readonly sources: Readonly<Record<string, ModelSource>>;
  /** of the classes' constructors */
  readonly modelArguments: JsonObject;
}

export interface ThreadMessage {
  readonly id: number;
  readonly model_id: string;
  /** a `HostRequest` as JSON, so that values are those that any other process would receive; null: a new instance */
  readonly request: string | null;
}

export type ThreadReply =
  | { readonly id: number; readonly reply: HostReply }
  | { readonly id: number; readonly instance: Instance }
  | { readonly id: number; readonly failed: string };
