/** Finds or fetches a nats-server before anything needs one, and says which it is. Postgres comes with the packages. */
import { findNatsServer } from '@crunch-node/embedded';

const found = await findNatsServer();
process.stderr.write(`nats-server ${JSON.stringify(found)}\n`);
