import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import type { EventLog } from '@crunch-node/eventlog';
import type { Service } from '@crunch-node/service';
import { ConfigActivated, control } from '@crunch-node/streams';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { runCyclic } from '../cyclic/cyclic-loop.ts';
import { type Bench, openBench } from '../testing/bench.ts';
import { closingId, cycleOf, drawn, draws, drawsClosed, summing, sums, sumsClosed } from '../testing/toys.ts';
import type { Standing } from './progress.ts';
import { startStage } from './start-stage.ts';

const DEADLINE = { deadlineMs: 60_000 };
const PARTITIONS = [0, 1, 2, 3];

interface Instance {
  readonly service: Service;
  readonly log: EventLog;
  readonly registry: Registry;
  owned(): number;
}

describe('instances of one service', () => {
  let server: NatsServer;
  let bench: Bench;
  let instances: Instance[];
  let cycles: number;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());
  beforeEach(async () => {
    bench = await openBench(server.url, [draws, sums]);
    instances = [];
    cycles = 0;
  });
  afterEach(async () => {
    await Promise.all(instances.map(({ service }) => service.stop()));
    await bench.close();
  });

  async function start(configHash = 'toy'): Promise<Instance> {
    const log = await bench.connect();
    const registry = new Registry();
    const context = { log, configHash, registry, logger: pino({ level: 'silent' }), metrics: registry };
    const service = startStage('sums', { ...context, config: null, pace: 'replay' }, PARTITIONS, (context, owned) =>
      runCyclic(
        owned.map((partition) => summing(partition, [partition])),
        context,
      ),
    );
    const instance = { service, log, registry, owned: () => service.health().counts.partitions ?? 0 };
    instances.push(instance);
    return instance;
  }

  /** Draws a number in each partition and closes a cycle, as often as requested. */
  async function draw(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      cycles += 1;
      await bench.write(
        draws,
        PARTITIONS.flatMap((partition) => [drawn(partition, cycles, cycles), drawsClosed(partition, cycles)]),
      );
    }
  }

  const summed = (): Promise<unknown> =>
    Promise.all(
      PARTITIONS.map((partition) => bench.untilLast(sums, `sums.${partition}`, closingId(cycles, partition))),
    );

  /** Each partition has published each of its sums once, in order, and closed each cycle once. */
  async function assertPublishedOnce(): Promise<void> {
    const ids = await bench.ids(sums);
    for (const partition of PARTITIONS) {
      const own = ids.filter((id) => id.includes(`sums:${partition}:`));
      const expected = Array.from({ length: cycles }, (_, i) => i + 1).flatMap((cycle) => [
        `sums:${partition}:a:${(cycle * (cycle + 1)) / 2}`,
        closingId(cycle, partition),
      ]);
      assert.deepEqual(own, expected);
    }
  }

  const shared = (...counts: readonly number[]) =>
    until(
      `shares of ${counts.join(', ')}`,
      () => JSON.stringify(instances.map(({ owned }) => owned())) === JSON.stringify(counts),
      DEADLINE,
    );

  it('share the partitions as instances come and go, and publish everything once', async () => {
    await draw(3);
    await start();
    await shared(4);
    await summed();
    await start();
    await shared(2, 2);
    await draw(2);
    await summed();
    await start();
    await shared(2, 1, 1);
    await draw();
    await summed();
    await instances[0]!.service.stop();
    await until('the others to take over', () => instances[1]!.owned() + instances[2]!.owned() === 4, DEADLINE);
    await draw(2);
    await summed();
    await assertPublishedOnce();
  });

  it('take over from one that died without releasing its leases', async () => {
    await start();
    await shared(4);
    await start();
    await shared(2, 2);
    await draw(2);
    await summed();
    await instances[0]!.log.close();
    await until('the other to own all', () => instances[1]!.owned() === 4, DEADLINE);
    await draw(2);
    await summed();
    await assertPublishedOnce();
  });

  it('give partitions away while cycles come fast, in the middle of a backlog', async () => {
    await draw(300);
    await start();
    await shared(4);
    await start();
    await draw(100);
    await start();
    await until('all to own something', () => instances.every(({ owned }) => owned() > 0), DEADLINE);
    await draw(20);
    await summed();
    await assertPublishedOnce();
  });

  it('leave only the partition whose writer was fenced, and take it again', async () => {
    await draw();
    const one = await start();
    await summed();
    // Another writer closes the next cycle of partition 0 first.
    cycles += 1;
    await bench.write(sums, [sumsClosed(2)]);
    await bench.write(
      draws,
      PARTITIONS.map((partition) => drawsClosed(partition, 2)),
    );
    await summed();
    await until('it to notice', () => one.service.health().counts.reloads === 1, DEADLINE);
    const isBack = async () => /crunch_sums_lag_seconds\{partition="0"\} 0/.test(await one.registry.metrics());
    await until('it to have read everything again', isBack, DEADLINE);
    const metrics = await one.registry.metrics();
    assert.match(metrics, /crunch_sums_reloads_total\{reason="FencedError"\} 1/);
    assert.match(metrics, /crunch_sums_lease_changes_total\{change="acquired"\} 5/);
    assert.match(metrics, /crunch_sums_lease_changes_total\{change="released"\} 1/);
    assert.match(metrics, /crunch_sums_owned_partitions 4/);
    assert.match(metrics, /crunch_sums_cycles_closed_total\{partition="1"\} 2/);
  });

  it('report their progress with their leases: idle, and frozen', async () => {
    await draw(2);
    const blocked = { until: new Promise<void>(() => undefined), isOn: false };
    const log = await bench.connect();
    const context = { log, configHash: 'toy', logger: pino({ level: 'silent' }), metrics: new Registry() };
    const service = startStage('sums', { ...context, config: null, pace: 'replay' }, [0], (context) =>
      runCyclic([summing(0, [0])], {
        ...context,
        guard: { ...context.guard, untilActive: () => (blocked.isOn ? blocked.until : Promise.resolve()) },
      }),
    );
    instances.push({ service, log, registry: context.metrics, owned: () => 1 });
    const standing = async (): Promise<Standing | null> =>
      ((await bench.log.heldLeases()).find(({ name }) => name === 'sums')?.note ?? null) as Standing | null;
    await until('it to be idle', async () => (await standing())?.closed === cycleOf(2).end, DEADLINE);
    const idle = (await standing())!;
    assert.deepEqual(idle.waits_for, ['draws.0']);
    assert.equal(idle.pending, 0);
    assert.equal(idle.read.DRAWS, (await bench.log.info(draws)).lastSequence);
    blocked.isOn = true;
    await draw();
    await until('it to stand still', async () => ((await standing())?.pending ?? 0) === 1, DEADLINE);
    const before = (await standing())!;
    await until(
      'the next renewal to report it',
      async () => ((await standing())?.still_ms ?? 0) > before.still_ms,
      DEADLINE,
    );
    assert.equal((await standing())?.closed, cycleOf(2).end);
  });

  it('give way to those with the active configuration', async () => {
    const old = await start();
    await shared(4);
    const publisher = bench.log.publisher();
    const last = await bench.log.last(control, 'control.config');
    const next = { ...last!.event.data, revision: 1, config_hash: 'newer' };
    await publisher.append(control, {
      event: ConfigActivated.at('2024-01-02T00:00:00.000000Z', next),
      natsSubject: 'control.config',
    });
    await publisher.close();
    const newer = await start('newer');
    await until('the newer one to own all', () => newer.owned() === 4, DEADLINE);
    assert.equal(old.service.health().state, 'waiting');
    assert.match(old.service.health().detail, /configuration/);
    await draw();
    await summed();
    await assertPublishedOnce();
  });
});
