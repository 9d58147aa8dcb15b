/** A replay, or the projections, in a process of its own that a test can kill. */
import { connectLog } from '@crunch-node/eventlog';
import { replay } from '@crunch-node/projector';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { startProject } from '../start.ts';

export interface ReplayChild {
  readonly what: 'replay' | 'project';
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly namespace: string;
  /** where to kill itself: the nth time it gets to this point */
  readonly killAt?: { readonly point: string; readonly times: number };
}

process.once('message', async ({ what, natsUrl, databaseUrl, namespace, killAt }: ReplayChild) => {
  const log = await connectLog({ url: natsUrl, namespace: namespaceOf(namespace) });
  const context = { log, databaseUrl, namespace: namespaceOf(namespace), logger: createLogger('silent') };
  if (what === 'project') {
    startProject(context);
    process.send?.({ started: true });
    return;
  }
  let times = 0;
  const result = await replay({
    ...context,
    onPoint: (point) => {
      process.send?.({ point });
      if (point === killAt?.point && ++times === killAt.times) process.kill(process.pid, 'SIGKILL');
    },
  });
  const { switched, refused, failed } = result;
  process.send?.({ switched, refused, failed: failed.map(({ error }) => error.message) }, () => process.exit(0));
});
