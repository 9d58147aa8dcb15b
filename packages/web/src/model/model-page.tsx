import { Link } from 'wouter';
import { useApi } from '../api/use-api.ts';
import { nameOf, publishedOrder } from '../leaderboard/ranking.ts';
import { TabbedPanels } from '../parts/controls.tsx';
import { number } from '../parts/format.ts';
import { Curves } from './curves.tsx';
import { Diversity } from './diversity.tsx';
import { Health } from './health.tsx';
import { Predictions } from './predictions.tsx';
import { Rewards } from './rewards.tsx';

/** Everything about a model: what it scored, why, how it differs, how it is, what it earned. */
export default function ModelPage({ id }: { id: string }) {
  const models = useApi('/reports/models', {}, { every: 60_000 });
  const board = useApi('/reports/leaderboard', { query: { include_ensembles: true } });
  const model = models.data?.rows.find(({ model_id }) => model_id === id);
  const entry = board.data?.rows.find(({ model_id }) => model_id === id);
  const order = publishedOrder(board.data?.rows ?? []);
  const name = nameOf({ model_id: id, ...model });
  const isUnknown = models.data !== undefined && model === undefined;
  return (
    <>
      <p>
        <Link href="/">← Leaderboard</Link>
      </p>
      <h1>
        <bdi>{name}</bdi>
      </h1>
      {isUnknown ? (
        <p>No model with this id has ever been here.</p>
      ) : (
        <>
          <p className="quiet">
            {model !== undefined && (
              <>
                {model.is_ensemble ? 'An ensemble' : 'By '}
                {!model.is_ensemble && <bdi>{model.cruncher_name}</bdi>}, id <bdi>{id}</bdi>
                {model.status === 'inactive' && ', not connected'}
              </>
            )}
            {entry !== undefined && order !== null && (
              <>
                {' · '}rank {entry.rank} by {order.metric.replaceAll('_', ' ')}, {number(entry.score_ranking.value)}
              </>
            )}
          </p>
          <TabbedPanels
            label="About the model"
            tabs={[
              { id: 'curves', title: 'Scores', content: <Curves id={id} name={name} /> },
              { id: 'predictions', title: 'Predictions', content: <Predictions id={id} /> },
              { id: 'diversity', title: 'Diversity', content: <Diversity id={id} /> },
              { id: 'health', title: 'Health', content: <Health id={id} /> },
              { id: 'rewards', title: 'Rewards', content: <Rewards id={id} /> },
            ]}
          />
        </>
      )}
    </>
  );
}
