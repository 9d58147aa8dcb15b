export default function SignalsPage() {
  return <h1>SignalsPage</h1>;
}
