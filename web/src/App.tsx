import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Route, Switch } from 'wouter';
import { I18nProvider, type Locale } from './i18n';

const Composer = lazy(() => import('./compose/Composer'));

export function App({ locale }: { locale: Locale }) {
  const [client] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={client}>
      <I18nProvider initial={locale}>
        <Suspense>
          <Switch>
            <Route path="/new">
              <Composer />
            </Route>
          </Switch>
        </Suspense>
      </I18nProvider>
    </QueryClientProvider>
  );
}
