import { useState } from 'react';
import { Link } from 'wouter';
import { type Answer, send, useApi } from '../api/use-api.ts';
import { nameOf } from '../leaderboard/ranking.ts';
import { Action } from '../parts/action.tsx';
import { Button } from '../parts/controls.tsx';
import { Facts } from '../parts/facts.tsx';
import { FirstRows } from '../parts/first-rows.tsx';
import { count, number, percent, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';

type Checkpoint = Answer<'/reports/checkpoints'>[number];
const WHOLE = 1_000_000_000;
const NEXT = { SUBMITTED: 'CLAIMABLE', CLAIMABLE: 'PAID' } as const;

/** Rewards, checkpoint by checkpoint, and what takes them to their next status. */
export function Checkpoints() {
  const loaded = useApi('/reports/checkpoints', { query: { limit: 50 } });
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Panel
      title="Checkpoints"
      loaded={loaded}
      empty={{
        when: (rows) => rows.length === 0,
        text: 'The first checkpoint comes at the end of the first interval.',
      }}
    >
      {(rows) => (
        <Scroll label="Checkpoints">
          <table>
            <thead>
              <tr>
                <th scope="col">Checkpoint</th>
                <th scope="col">Period (UTC)</th>
                <th scope="col" className="number">
                  Models
                </th>
                <th scope="col">Status</th>
                <th scope="col">Root</th>
                <th scope="col">
                  <span className="hidden">Emission</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  key={row.id}
                  row={row}
                  isOpen={open === row.id}
                  onOpen={() => setOpen(open === row.id ? null : row.id)}
                  onDone={loaded.retry}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}

function Row(props: { row: Checkpoint; isOpen: boolean; onOpen: () => void; onDone: () => void }) {
  const { row, isOpen, onOpen, onDone } = props;
  return (
    <>
      <tr>
        <th scope="row">{row.id}</th>
        <td>
          {utc(row.period_start)} to {utc(row.period_end)}
        </td>
        <td className="number">{count(row.meta.model_count)}</td>
        <td>{row.status.toLowerCase()}</td>
        <td>{row.merkle_root === null ? '–' : <code>{row.merkle_root.slice(0, 12)}…</code>}</td>
        <td>
          <button type="button" className="link" aria-expanded={isOpen} onClick={onOpen}>
            {isOpen ? 'Close' : 'Emission'}
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr className="explained">
          <td colSpan={6}>
            <Emission row={row} />
            <Change row={row} onDone={onDone} />
          </td>
        </tr>
      )}
    </>
  );
}

function Emission({ row }: { row: Checkpoint }) {
  const [emission] = row.entries;
  const names = new Map(row.meta.ranking.map((each) => [each.model_id, each]));
  if (emission === undefined) return <p className="quiet">It rewards no model.</p>;
  return (
    <>
      <Facts
        isWide
        facts={[
          ['Snapshots', count(row.meta.snapshot_count)],
          ['Root of its evidence', row.merkle_root === null ? '–' : <code key="root">{row.merkle_root}</code>],
          ...(row.tx_hash === null ? [] : [['Transaction', <code key="tx">{row.tx_hash}</code>] as const]),
          ...(row.submitted_at === null ? [] : [['Submitted', `${utc(row.submitted_at)} UTC`] as const]),
        ]}
      />
      <FirstRows rows={emission.cruncher_rewards} what="models">
        {(shown) => (
          <Scroll label={`Emission of ${row.id}`}>
            <table>
              <thead>
                <tr>
                  <th scope="col" className="number">
                    Rank
                  </th>
                  <th scope="col">Model</th>
                  <th scope="col" className="number">
                    Share
                  </th>
                  <th scope="col" className="number">
                    Mean score
                  </th>
                  <th scope="col" className="number">
                    Predictions
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map(({ cruncher_index, model_id, reward_pct }) => {
                  const ranked = names.get(model_id);
                  return (
                    <tr key={cruncher_index}>
                      <td className="number">{ranked?.rank ?? '–'}</td>
                      <th scope="row" className="name">
                        <Link href={`/model/${encodeURIComponent(model_id)}`}>
                          <bdi>{nameOf({ model_id, ...ranked })}</bdi>
                        </Link>
                      </th>
                      <td className="number">{percent((100 * reward_pct) / WHOLE, 2)}</td>
                      <td className="number">
                        {number((ranked?.result_summary as { value?: number } | undefined)?.value)}
                      </td>
                      <td className="number">{ranked === undefined ? '–' : count(ranked.prediction_count)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </Scroll>
        )}
      </FirstRows>
    </>
  );
}

/** A command for those with the key: recorded as an event. */
function Change({ row: { id, status }, onDone }: { row: Checkpoint; onDone: () => void }) {
  const [hash, setHash] = useState('');
  if (status === 'PAID') return null;
  const path = `/reports/checkpoints/${encodeURIComponent(id)}`;
  return (
    <Action onDone={onDone}>
      {(run) =>
        status === 'PENDING' ? (
          <>
            <label className="field">
              <span>Hash of the transaction it was submitted with</span>
              <input type="text" value={hash} onChange={({ target }) => setHash(target.value)} />
            </label>
            <Button
              isDisabled={hash.trim() === ''}
              onPress={() => run(() => send('POST', `${path}/confirm`, { tx_hash: hash.trim() }))}
            >
              Confirm
            </Button>
          </>
        ) : (
          <Button onPress={() => run(() => send('PATCH', `${path}/status`, { status: NEXT[status] }))}>
            Set to {NEXT[status].toLowerCase()}
          </Button>
        )
      }
    </Action>
  );
}
