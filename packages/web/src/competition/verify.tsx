import { useState } from 'react';
import { get, useApi } from '../api/use-api.ts';
import { Action } from '../parts/action.tsx';
import { Button, Choose } from '../parts/controls.tsx';
import { utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { type Evidence, type Step, verify } from './merkle.ts';

const SNAPSHOTS = 200;

/** Evidence recomputed here: nothing but the published hashes is believed. */
export function Verify() {
  const checkpoints = useApi('/reports/checkpoints', { query: { limit: 50 } });
  const [chosen, choose] = useState('');
  const rows = checkpoints.data?.rows ?? [];
  const checkpoint = rows.find(({ id }) => id === chosen) ?? rows[0];
  return (
    <Panel title="Verify a snapshot" loaded={checkpoints}>
      {() => (
        <>
          <p>
            Every cycle’s snapshots are hashed into a tree, cycles into a chain, and the chain into the root of a
            checkpoint. Choose a snapshot: your browser computes every hash from its content up to that root, and
            compares.
          </p>
          {checkpoint !== undefined && (
            <div className="tools">
              <Choose
                label="Checkpoint"
                value={checkpoint.id}
                options={rows.map(({ id, period_end }) => ({ value: id, text: `${id}, up to ${utc(period_end)}` }))}
                onChange={choose}
              />
            </div>
          )}
          <Snapshots
            key={checkpoint?.id}
            {...(checkpoint && { since: checkpoint.period_start, until: checkpoint.period_end })}
          />
        </>
      )}
    </Panel>
  );
}

function Snapshots({ since, until }: { since?: string; until?: string }) {
  const loaded = useApi(
    '/reports/snapshots',
    { query: { limit: SNAPSHOTS, ...(since !== undefined && { since }), ...(until !== undefined && { until }) } },
    { every: 0 },
  );
  const [id, setId] = useState('');
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [isDone, setDone] = useState(false);
  const rows = loaded.data?.rows ?? [];
  const wanted = id.trim() === '' ? (rows[0]?.id ?? '') : id.trim();
  const check = async (): Promise<void> => {
    setSteps([]);
    setDone(false);
    if (globalThis.crypto?.subtle === undefined)
      throw new Error('browsers compute hashes only for pages that come by https or from this machine');
    for await (const step of verify(await evidenceOf(wanted))) setSteps((old) => [...old, step]);
    setDone(true);
  };
  return (
    <>
      <Action onDone={() => undefined}>
        {(run) => (
          <>
            <label className="field">
              <span>Snapshot</span>
              <input
                type="text"
                list="snapshots"
                size={44}
                value={id}
                placeholder={rows[0]?.id ?? 'SNAP_…'}
                onChange={({ target }) => setId(target.value)}
              />
              <datalist id="snapshots">
                {[...rows].reverse().map((row) => (
                  <option key={row.id} value={row.id} />
                ))}
              </datalist>
            </label>
            <Button className="strong" isDisabled={wanted === ''} onPress={() => run(check)}>
              Verify
            </Button>
          </>
        )}
      </Action>
      <Result steps={steps} isDone={isDone} />
    </>
  );
}

/** All of it from public routes. @throws {ApiError} */
async function evidenceOf(snapshot_id: string): Promise<Evidence> {
  const [{ rows: found }, { rows: proof }] = await Promise.all([
    get('/reports/snapshots', { query: { snapshot_id } }),
    get('/reports/merkle/proof', { query: { snapshot_id } }),
  ]);
  const [snapshot] = found;
  if (snapshot === undefined) throw new Error(`there is no snapshot ${snapshot_id}`);
  const { rows: cycle } = await get('/reports/merkle/cycles/{cycle_id}', { path: { cycle_id: proof.cycle_id } });
  const { checkpoint_id } = proof;
  const checkpoints = checkpoint_id === null ? [] : (await get('/reports/checkpoints', { query: { limit: 100 } })).rows;
  const checkpoint = checkpoints.find(({ id }) => id === checkpoint_id) ?? null;
  if (checkpoint_id !== null && checkpoint === null)
    return { snapshot, proof, cycle, checkpoint: { id: checkpoint_id, merkle_root: proof.merkle_root } };
  return { snapshot, proof, cycle, checkpoint };
}

function Result({ steps, isDone }: { steps: readonly Step[]; isDone: boolean }) {
  if (steps.length === 0) return null;
  const isRight = steps.every((step) => step.isRight);
  const hasCheckpoint = steps.length > 3;
  return (
    <div role="status">
      <ol className="steps verified">
        {steps.map((step) => (
          <li key={step.title}>
            <h3 className={step.isRight ? 'good' : 'bad'}>
              <span aria-hidden="true">{step.isRight ? '✓' : '✗'}</span> {step.title}
            </h3>
            <p className="quiet detail">{step.detail}</p>
            <ul className="hashes">
              {step.hashes.map(({ what, hash }) => (
                <li key={what + hash}>
                  <code>{hash}</code> <span className="quiet">{what}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {isDone && (
        <p className={`verdict ${isRight ? 'good' : 'bad'}`}>
          {!isRight
            ? 'The evidence does not hold: a recomputed hash differs from the published one.'
            : hasCheckpoint
              ? 'The evidence holds, from the content of the snapshot to the root of its checkpoint.'
              : 'The evidence holds up to the chain of cycles. No checkpoint covers this cycle yet.'}
        </p>
      )}
    </div>
  );
}
