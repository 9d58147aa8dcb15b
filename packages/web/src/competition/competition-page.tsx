export default function CompetitionPage() {
  return <h1>CompetitionPage</h1>;
}
