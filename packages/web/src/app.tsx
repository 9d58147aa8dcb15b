import { lazy, Suspense, useEffect, useRef } from 'react';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { useApi } from './api/use-api.ts';
import { KeyEntry } from './key-entry.tsx';
import { LeaderboardPage } from './leaderboard/leaderboard-page.tsx';
import { idInAddress } from './model/id-in-address.ts';
import { Choose } from './parts/controls.tsx';
import { setTheme, type Theme, useTheme } from './parts/theme.ts';

const ModelPage = lazy(() => import('./model/model-page.tsx'));
const CompetitionPage = lazy(() => import('./competition/competition-page.tsx'));
const SignalsPage = lazy(() => import('./signals/signals-page.tsx'));
const OperationsPage = lazy(() => import('./operations/operations-page.tsx'));

const PAGES = [
  ['/', 'Leaderboard'],
  ['/competition', 'Competition'],
  ['/signals', 'Signals'],
  ['/operations', 'Operations'],
] as const;

/** Addresses are behind `#`: every path of the server is the API's, or an operator's own. */
export const App = () => (
  <Router hook={useHashLocation}>
    <Header />
    <Main />
    <footer>
      <p>
        Every number here comes from the <a href="/docs/api">API</a> of this competition. Times are UTC.
      </p>
    </footer>
  </Router>
);

function Header() {
  const info = useApi('/info', {}, { every: 60_000 });
  const [location] = useLocation();
  const name = info.data?.rows.crunch_id ?? 'Competition';
  const nav = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another link
  useEffect(() => {
    // On a telephone the links scroll sideways.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, [location]);
  useEffect(() => {
    document.title = `${name} · crunch-node`;
  }, [name]);
  return (
    <header className="top">
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <Link href="/" className="brand">
        <bdi>{name}</bdi>
      </Link>
      <nav aria-label="Pages" ref={nav}>
        {PAGES.map(([path, title]) => (
          <Link key={path} href={path} aria-current={isAt(location, path) ? 'page' : undefined}>
            {title}
          </Link>
        ))}
        <a href="/docs/">Documentation</a>
      </nav>
      <div className="settings">
        <KeyEntry />
        <ThemeChoice />
      </div>
    </header>
  );
}

const isAt = (location: string, path: string): boolean =>
  location === path || (path === '/' && location.startsWith('/model/'));

function Main() {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is read from its beginning
  useEffect(() => {
    if (!isFirst.current) {
      window.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [location]);
  return (
    <main id="main" tabIndex={-1} ref={main}>
      <Suspense fallback={<p className="quiet">Loading…</p>}>
        <Switch>
          <Route path="/" component={LeaderboardPage} />
          <Route path="/model/:id">{({ id }) => <ModelPage key={id} id={idInAddress(window.location.hash)} />}</Route>
          <Route path="/competition" component={CompetitionPage} />
          <Route path="/signals" component={SignalsPage} />
          <Route path="/operations" component={OperationsPage} />
          <Route>
            <h1>There is no such page</h1>
            <p>
              <Link href="/">To the leaderboard</Link>
            </p>
          </Route>
        </Switch>
      </Suspense>
    </main>
  );
}

const ThemeChoice = () => (
  <Choose<Theme>
    label="Theme"
    value={useTheme()}
    options={[
      { value: 'system', text: 'System' },
      { value: 'light', text: 'Light' },
      { value: 'dark', text: 'Dark' },
    ]}
    onChange={setTheme}
  />
);
