import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './theme/page.css';
import { applyTheme } from './parts/theme.ts';

applyTheme();
const queries = new QueryClient({ defaultOptions: { queries: { refetchOnReconnect: true, networkMode: 'always' } } });
const root = document.getElementById('page');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
