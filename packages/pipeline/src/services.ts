/** What a service cannot work without, in addition to its configuration. */
export type Need = 'log' | 'postgres' | 'models' | 'feeds';

export interface ServiceShape {
  readonly name: string;
  readonly needs: readonly Need[];
  /** several processes share its work by partitions; of others a second one waits as a standby, or is refused */
  readonly scales: boolean;
  /** it owns partitions by leases and closes cycles */
  readonly isStage: boolean;
}

/**
 * Every service, from feeds to reports. This list is what `up`, `serve`, `cluster`, `status`, help texts, the chaos plan and
 * the checks of compose and documents read: a new service is one line here, what it may do on the log
 * (`permissions.ts`) and its start function, which the compiler demands.
 */
export const services = [
  { name: 'ingest', needs: ['log', 'feeds'], scales: false, isStage: true },
  { name: 'predict', needs: ['log', 'models'], scales: true, isStage: true },
  { name: 'score', needs: ['log'], scales: true, isStage: true },
  { name: 'ensemble', needs: ['log'], scales: false, isStage: true },
  { name: 'snapshot', needs: ['log'], scales: false, isStage: true },
  { name: 'rank', needs: ['log'], scales: false, isStage: true },
  { name: 'checkpoint', needs: ['log'], scales: false, isStage: true },
  { name: 'project', needs: ['log', 'postgres'], scales: false, isStage: false },
  { name: 'backfill', needs: ['log', 'feeds'], scales: false, isStage: false },
  { name: 'report', needs: ['log', 'postgres'], scales: false, isStage: false },
] as const satisfies readonly ServiceShape[];

export type ServiceName = (typeof services)[number]['name'];

export const serviceNames: readonly ServiceName[] = services.map(({ name }) => name);
