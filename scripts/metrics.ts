/** Writes docs/metrics.md from the descriptions of the metrics. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from '@crunch-node/domain';

writeFileSync(join(import.meta.dirname, '../docs/metrics.md'), metricsPage());
