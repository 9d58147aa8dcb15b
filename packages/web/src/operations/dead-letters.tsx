import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Answer, send, useApi } from '../api/use-api.ts';
import { Action } from '../parts/action.tsx';
import { Button, Toggle } from '../parts/controls.tsx';
import { Facts } from '../parts/facts.tsx';
import { FirstRows } from '../parts/first-rows.tsx';
import { count, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';

type Letter = Answer<'/operations/dead-letters'>[number];
type Detail = Answer<'/operations/dead-letters/{id}'>;

const LETTER = '/operations/dead-letters/{id}';

/** Messages that could not be read, and the two ways to settle them. */
export function DeadLetters() {
  const [all, showAll] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const loaded = useApi('/operations/dead-letters', { query: { all } });
  const queries = useQueryClient();
  const onDone = (): void => {
    // Also of a letter whose row goes before the answer comes: it is asked for again when it is opened again.
    void queries.invalidateQueries({ queryKey: [LETTER] });
    loaded.retry();
  };
  return (
    <Panel
      title="Dead letters"
      loaded={loaded}
      empty={{
        when: (rows) => rows.length === 0,
        text: all ? 'No message was ever refused.' : 'Every message could be read, or is settled.',
      }}
      aside={<Toggle label="With settled ones" isOn={all} onChange={showAll} />}
    >
      {(rows) => (
        <FirstRows rows={rows} what="letters">
          {(shown) => (
            <Scroll label="Dead letters">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Message</th>
                    <th scope="col">State</th>
                    <th scope="col">Since (UTC)</th>
                    <th scope="col">Reason</th>
                    <th scope="col">
                      <span className="hidden">Settle</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map((row) => (
                    <Row
                      key={row.id}
                      row={row}
                      isOpen={open === row.id}
                      onOpen={() => setOpen(open === row.id ? null : row.id)}
                      onDone={onDone}
                    />
                  ))}
                </tbody>
              </table>
            </Scroll>
          )}
        </FirstRows>
      )}
    </Panel>
  );
}

function Row(props: { row: Letter; isOpen: boolean; onOpen: () => void; onDone: () => void }) {
  const { row, isOpen, onOpen, onDone } = props;
  return (
    <>
      <tr>
        <th scope="row">
          <bdi>{row.id}</bdi>
        </th>
        <td>
          {row.state}
          {row.redrive !== null && <span className="quiet">: {row.redrive}</span>}
        </td>
        <td>{utc(row.since)}</td>
        <td className="text">
          <bdi>{row.reason}</bdi>
        </td>
        <td>
          <button type="button" className="link" aria-expanded={isOpen} onClick={onOpen}>
            {isOpen ? 'Close' : row.state === 'open' ? 'Settle' : 'Show'}
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr className="explained">
          <td colSpan={5}>
            <Settle id={row.id} onDone={onDone} />
          </td>
        </tr>
      )}
    </>
  );
}

function Settle({ id, onDone }: { id: string; onDone: () => void }) {
  const loaded = useApi(LETTER, { path: { id } }, { every: 0 });
  return (
    <Panel title={id} loaded={loaded} className="inner">
      {(letter) => (
        <>
          <Facts
            isWide
            facts={[
              ['Subject', letter.nats_subject],
              ['Refused by', letter.refused_by],
              ['Today', letter.readable ? 'this release can read it' : 'this release cannot read it either'],
              ...(letter.settled_by === null ? [] : [[`${letter.state} by`, letter.settled_by] as const]),
              ['Size', `${count(letter.payload_bytes)} bytes`],
            ]}
          />
          <pre>
            <code>{letter.payload.slice(0, 2_000)}</code>
          </pre>
          {letter.state === 'open' && <Ways letter={letter} onDone={onDone} />}
        </>
      )}
    </Panel>
  );
}

function Ways({ letter, onDone }: { letter: Detail; onDone: () => void }) {
  const [payload, setPayload] = useState(letter.payload);
  const [reason, setReason] = useState('');
  const path = `/operations/dead-letters/${encodeURIComponent(letter.id)}`;
  return (
    <>
      <Action onDone={onDone}>
        {(run) =>
          letter.readable ? (
            <Button onPress={() => run(() => send('POST', `${path}/redrive`, {}))}>Read it in its place</Button>
          ) : (
            <>
              <label className="field wide-field">
                <span>Corrected message</span>
                <textarea rows={5} value={payload} onChange={({ target }) => setPayload(target.value)} />
              </label>
              <Button onPress={() => run(() => send('POST', `${path}/redrive`, { payload }))}>Redrive corrected</Button>
            </>
          )
        }
      </Action>
      <Action onDone={onDone}>
        {(run) => (
          <>
            <label className="field">
              <span>Why it is not needed</span>
              <input type="text" value={reason} onChange={({ target }) => setReason(target.value)} />
            </label>
            <Button
              isDisabled={reason.trim() === ''}
              onPress={() => run(() => send('POST', `${path}/discard`, { reason: reason.trim() }))}
            >
              Discard
            </Button>
          </>
        )}
      </Action>
    </>
  );
}
