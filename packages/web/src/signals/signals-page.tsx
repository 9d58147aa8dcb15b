import { useState } from 'react';
import { Link } from 'wouter';
import { useApi } from '../api/use-api.ts';
import { Choose } from '../parts/controls.tsx';
import { Panel } from '../parts/panel.tsx';
import { Ensemble } from './ensemble.tsx';

/** The ensembles: what they signal now, of whom they are made, and how to subscribe. */
export default function SignalsPage() {
  const loaded = useApi('/signals/ensemble', {});
  const [chosen, choose] = useState('');
  const rows = loaded.data?.rows ?? [];
  const ensemble = rows.find(({ name }) => name === chosen) ?? rows[0];
  return (
    <>
      <h1>Signals</h1>
      <p>
        Ensembles combine what the models answer, weighted by how they have done, and publish it before the outcome is
        known.
      </p>
      {rows.length > 1 && (
        <div className="tools">
          <Choose
            label="Ensemble"
            value={ensemble?.name ?? ''}
            options={rows.map(({ name }) => ({ value: name, text: name }))}
            onChange={choose}
          />
        </div>
      )}
      {ensemble === undefined ? (
        <Panel
          title="Ensembles"
          loaded={loaded}
          empty={{
            when: () => true,
            text: 'No ensemble has signalled and been scored yet. Ensembles are part of the configuration of a competition.',
          }}
        >
          {() => null}
        </Panel>
      ) : (
        <>
          <p>
            <Link href={`/model/${encodeURIComponent(ensemble.model_id)}`}>
              How <bdi>{ensemble.name}</bdi> scores as a model of its own
            </Link>
          </p>
          <Ensemble key={ensemble.name} name={ensemble.name} />
        </>
      )}
    </>
  );
}
