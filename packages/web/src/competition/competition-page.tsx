import { TabbedPanels } from '../parts/controls.tsx';
import { Archive } from './archive.tsx';
import { Checkpoints } from './checkpoints.tsx';
import { Feeds } from './feeds.tsx';
import { Rounds } from './rounds.tsx';
import { Verify } from './verify.tsx';

export default function CompetitionPage() {
  return (
    <>
      <h1>Competition</h1>
      <p>What comes in, what is due, what is paid, and the evidence for it.</p>
      <TabbedPanels
        label="About the competition"
        tabs={[
          { id: 'feeds', title: 'Feeds', content: <Feeds /> },
          { id: 'rounds', title: 'Rounds', content: <Rounds /> },
          { id: 'checkpoints', title: 'Checkpoints', content: <Checkpoints /> },
          { id: 'verify', title: 'Verify', content: <Verify /> },
          { id: 'archive', title: 'Archive', content: <Archive /> },
        ]}
      />
    </>
  );
}
