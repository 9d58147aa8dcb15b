import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useCurrentKey } from '../api/key.ts';
import { type Answer, get, useApi } from '../api/use-api.ts';
import { count, number, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { firstNumber } from '../parts/values.tsx';
import { Explain } from './explain.tsx';

type Prediction = Answer<'/reports/predictions'>[number];
type Explanation = Answer<'/reports/predictions/{id}/explain'>;

/** What was predicted and what happened is looked up for each: it is evidence, not a report. */
const SHOWN = 24;

export function Predictions({ id }: { id: string }) {
  const loaded = useApi('/reports/predictions', { query: { projectIds: [id], limit: SHOWN } });
  const [open, setOpen] = useState<string | null>(null);
  const rows = useMemo(() => [...(loaded.data?.rows ?? [])].reverse(), [loaded.data]);
  const found = useExplanations(rows.filter(({ status }) => status === 'SCORED'));
  return (
    <Panel
      title="Latest predictions, against what happened"
      loaded={loaded}
      empty={{ when: (all) => all.length === 0, text: 'It has not been asked in the last seven days.' }}
    >
      {() => (
        <Scroll label="Latest predictions">
          <table>
            <thead>
              <tr>
                <th scope="col">Asked (UTC)</th>
                <th scope="col">Scope</th>
                <th scope="col" className="number">
                  Predicted
                </th>
                <th scope="col" className="number">
                  Happened
                </th>
                <th scope="col" className="number">
                  Score
                </th>
                <th scope="col" className="number">
                  Took
                </th>
                <th scope="col">
                  <span className="hidden">Explain</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  key={row.id}
                  row={row}
                  found={found.get(row.id)}
                  isOpen={open === row.id}
                  onOpen={() => setOpen(open === row.id ? null : row.id)}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}

function Row(props: { row: Prediction; found: Explanation | undefined; isOpen: boolean; onOpen: () => void }) {
  const { row, found, isOpen, onOpen } = props;
  const score = row.score_value;
  return (
    <>
      <tr>
        <td>{utc(row.performed_at, true)}</td>
        <td>
          <bdi>{row.scope_key}</bdi>
        </td>
        <td className="number">{number(firstNumber(found?.prediction.inference_output))}</td>
        <td className="number">{number(happened(found), 6)}</td>
        <td className="number">{score === null ? <span className="quiet">{stateText(row)}</span> : number(score)}</td>
        <td className="number">{row.exec_time_ms === null ? '–' : `${count(row.exec_time_ms)} ms`}</td>
        <td>
          <button type="button" className="link" aria-expanded={isOpen} onClick={onOpen}>
            {isOpen ? 'Close' : 'Why?'}
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr className="explained">
          <td colSpan={7}>
            <Explain id={row.id} />
          </td>
        </tr>
      )}
    </>
  );
}

const stateText = ({ status, score_failed_reason, resolvable_at }: Prediction): string => {
  if (status === 'PENDING') return resolvable_at === null ? 'pending' : `due ${utc(resolvable_at).slice(11)}`;
  return score_failed_reason ?? status.toLowerCase();
};

/** The return that came, under the names the packs have; else the first number of the ground truth. */
function happened(found: Explanation | undefined): number | null {
  const truth = found?.ground_truth;
  const result = found?.score?.result;
  for (const value of [result?.actual_return, truth?.profit, truth?.return, firstNumber(truth)])
    if (typeof value === 'number') return value;
  return null;
}

/** What is scored stays as it is: each is asked for once. */
function useExplanations(rows: readonly Prediction[]): ReadonlyMap<string, Explanation> {
  const key = useCurrentKey();
  return useQueries({
    queries: rows.map(({ id }) => ({
      queryKey: ['explanation', id, key],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get('/reports/predictions/{id}/explain', { path: { id }, query: { records: 2 } }, signal),
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    })),
    combine: (answers) =>
      new Map(
        answers.flatMap(({ data }) => (data === undefined ? [] : [[data.rows.prediction.id, data.rows] as const])),
      ),
  });
}
