import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, programAt, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { activateConfig } from '@crunch-node/operations/activate';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, verifyCyclic } from '@crunch-node/stages';
import { allStreams, feeds, type Namespace, predictions, scores, snapshots } from '@crunch-node/streams';
import {
  CONFIG_HASH,
  CYCLES,
  fill,
  isClosed,
  LAGGING,
  laggingConfig,
  PARTITIONS,
  publishFeeds,
  publishPredictions,
  publishScores,
} from './support/one-lags.ts';
import { freshNamespace } from './support/pipeline.ts';

/**
 * A process at work needs some 80 MB, on a machine that has no time to collect garbage more than 128. What waits for the
 * lagging partition, or for the next batch, is bounded.
 */
const HEAP_MB = 192;
const WAITING_BYTES = 2 * HEAP_MB * 1024 * 1024;
const others = PARTITIONS.filter((partition) => partition !== LAGGING);
const patiently = { deadlineMs: 120_000, everyMs: 100 };

describe('a partition that lags far behind the others', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(() => server?.stop());

  it('does not fill the memory of score, and is scored when it comes', () =>
    withLog(async (log, namespace) => {
      await fill(log, feeds, [publishFeeds(WAITING_BYTES / CYCLES)]);
      await fill(log, predictions, others.map(publishPredictions));
      const stage = startBounded('score', namespace);
      try {
        for (const partition of others)
          await until(
            `partition ${partition} to be scored`,
            async () => {
              stage.assertRuns();
              return isClosed(log, scores, `scores.${partition}`);
            },
            patiently,
          );
        assert.equal(await log.last(scores, `scores.${LAGGING}`), null);
        await fill(log, predictions, [publishPredictions(LAGGING)]);
        await until(
          'the lagging partition to be scored',
          async () => {
            stage.assertRuns();
            return isClosed(log, scores, `scores.${LAGGING}`);
          },
          patiently,
        );
        assert.deepEqual(await stage.end(), [0, null]);
      } finally {
        await stage.kill();
      }
      await assertPublishesAsWithUnlimitedMemory(
        log,
        PARTITIONS.map((partition) => scoreStage(laggingConfig, partition)),
      );
    }));

  it('does not fill the memory of snapshot, and counts when it comes', () =>
    withLog(async (log, namespace) => {
      const bulk = WAITING_BYTES / CYCLES / others.length;
      await fill(
        log,
        scores,
        others.map((partition) => publishScores(partition, bulk)),
      );
      const waiting = (await log.info(scores)).lastSequence;
      const stage = startBounded('snapshot', namespace);
      try {
        await until(
          'all there is to be read',
          () => {
            stage.assertRuns();
            return stage.read() >= waiting;
          },
          patiently,
        );
        assert.equal(await log.last(snapshots, 'snapshots.cycle'), null);
        await fill(log, scores, [publishScores(LAGGING, 10)]);
        await until(
          'every cycle to be closed',
          async () => {
            stage.assertRuns();
            return isClosed(log, snapshots, 'snapshots.cycle');
          },
          patiently,
        );
        assert.deepEqual(await stage.end(), [0, null]);
      } finally {
        await stage.kill();
      }
      await assertPublishesAsWithUnlimitedMemory(log, [snapshotStage(laggingConfig)]);
    }));

  async function withLog(work: (log: EventLog, namespace: Namespace) => Promise<void>): Promise<void> {
    const namespace = freshNamespace();
    const log = await connectLog({ url: server.url, namespace });
    try {
      await log.ensureStreams(allStreams);
      await activateConfig(log, laggingConfig, CONFIG_HASH, 'replay');
      await work(log, namespace);
    } finally {
      await log.close();
    }
  }

  function startBounded(stage: 'score' | 'snapshot', namespace: Namespace) {
    const { file, execArgv } = programAt(join(import.meta.dirname, 'support/bounded/stage.program.ts'));
    const limits = [`--max-old-space-size=${HEAP_MB}`, ...execArgv];
    const child = spawn(process.execPath, [...limits, file, server.url, namespace.name, stage], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    let read = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      read = Number(chunk.toString().trim().split('\n').at(-1));
    });
    return {
      read: () => read,
      assertRuns: () => assert.deepEqual([child.exitCode, child.signalCode], [null, null], `${stage} has ended`),
      end() {
        child.kill('SIGTERM');
        return ended;
      },
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
});

/** This process has room for everything that waits, and holds it. */
async function assertPublishesAsWithUnlimitedMemory(log: EventLog, stages: readonly CyclicStage[]): Promise<void> {
  const { cycles, differences, first } = await verifyCyclic(stages, log, new AbortController().signal);
  assert.equal(cycles, CYCLES * stages.length);
  assert.equal(differences, 0, JSON.stringify(first));
}
