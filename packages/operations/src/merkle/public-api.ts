import type { ProofStep } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

/** The public data of a snapshot in the report API. */
export interface PublishedSnapshot {
  readonly id: string;
  readonly model_id: string;
  /** UTC without a zone */
  readonly period_start: string;
  readonly period_end: string;
  readonly prediction_count: number;
  readonly result_summary: JsonObject;
  readonly content_hash: string;
  readonly canonical: string;
}

export interface PublishedCycle {
  readonly id: string;
  readonly previous_cycle_id: string | null;
  readonly previous_cycle_root: string | null;
  readonly snapshots_root: string;
  readonly chained_root: string;
  readonly created_at: string;
}

export interface PublishedProof {
  readonly snapshot_id: string;
  readonly snapshot_content_hash: string;
  readonly cycle_id: string;
  readonly cycle_root: string;
  readonly checkpoint_id: string | null;
  readonly merkle_root: string | null;
  readonly path: readonly ProofStep[];
  readonly checkpoint_path: readonly ProofStep[];
}

/** The public part of the API. A cycle, checkpoint or snapshot that does not exist is undefined. */
export interface PublicApi {
  snapshot(id: string): Promise<PublishedSnapshot | undefined>;
  proof(snapshotId: string): Promise<PublishedProof | undefined>;
  cycle(id: string): Promise<PublishedCycle | undefined>;
  /** the newest ones created up to a time, in ascending order */
  cyclesUntil(createdAt: string): Promise<readonly PublishedCycle[]>;
  /** root as published with the checkpoint itself */
  checkpoint(id: string): Promise<{ readonly merkle_root: string | null } | undefined>;
}

/** The API did not respond, or not with JSON. */
export class ApiSilent extends CrunchError {
  override readonly name = 'ApiSilent';
  override readonly code = 'api_silent';
  readonly url: string;
  constructor(url: string, received: string, cause?: unknown) {
    super(
      `expected an answer of a report API at ${url}, received ${received}: check --url, and --key when it asks for one`,
      {
        cause,
      },
    );
    this.url = url;
  }
}

const CYCLES_PER_PAGE = 500;
const DEADLINE_MS = 30_000;

/** @param baseUrl `http://host:8000`, also with a path before `/reports` */
export function publicApi(baseUrl: string, key?: string): PublicApi {
  const base = baseUrl.replace(/\/+$/, '');

  async function get<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T | undefined> {
    const url = `${base}/reports/${path}?${new URLSearchParams(parameters)}`;
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...(key === undefined ? {} : { 'x-api-key': key }) },
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch((cause: unknown) => {
      throw new ApiSilent(url, cause instanceof Error ? cause.message : String(cause), cause);
    });
    if (response.status === 404) return undefined;
    if (!response.ok) throw new ApiSilent(url, `status ${response.status}`);
    return (await response.json().catch((cause: unknown) => {
      throw new ApiSilent(url, 'something else than JSON', cause);
    })) as T;
  }

  return {
    snapshot: async (id) => (await get<readonly PublishedSnapshot[]>('snapshots', { snapshot_id: id }))?.[0],
    proof: (snapshot_id) => get('merkle/proof', { snapshot_id }),
    cycle: (id) => get(`merkle/cycles/${encodeURIComponent(id)}`),
    cyclesUntil: async (until) =>
      (await get<readonly PublishedCycle[]>('merkle/cycles', { until, limit: String(CYCLES_PER_PAGE) })) ?? [],
    checkpoint: (id) => get(`checkpoints/${encodeURIComponent(id)}/payload`),
  };
}
