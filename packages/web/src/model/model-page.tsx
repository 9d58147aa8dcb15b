export default function ModelPage({ id }: { id: string }) {
  return <h1>ModelPage</h1>;
}
