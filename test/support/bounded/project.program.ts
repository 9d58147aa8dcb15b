/** Projects FEEDS in a process of its own until its position has come to a sequence; then ends with 0. */
import { connectLog } from '@crunch-node/eventlog';
import { startProject } from '@crunch-node/project';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';

const [natsUrl = '', databaseUrl = '', name = '', upTo = ''] = process.argv.slice(2);
const namespace = namespaceOf(name);
const log = await connectLog({ url: natsUrl, namespace });
const project = startProject({ log, databaseUrl, namespace, logger: createLogger('warn') }, { only: ['feeds'] });
const look = setInterval(() => {
  const [feeds] = project.projections();
  const sequence = feeds?.sequence ?? 0;
  process.stdout.write(`${sequence}\n`);
  if (sequence < Number(upTo)) return;
  clearInterval(look);
  void project
    .stop()
    .then(() => log.close())
    .then(() => process.exit(0));
}, 50);
