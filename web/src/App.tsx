import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { ApiError } from './api/client';
import { SignInPage } from './auth/SignInPage';
import { FeedPage } from './feed/FeedPage';
import { I18nProvider, localeChosen, toLocale, useI18n, type Locale } from './i18n';
import { LiveProvider } from './live';
import { PostPage } from './post/PostPage';
import { ProfilePage } from './profile/ProfilePage';
import { RequireAuth, SessionWatch, useSelf } from './session';
import { ErrorBoundary } from './shell/ErrorBoundary';
import { NotFound } from './shell/NotFound';
import { Shell } from './shell/Shell';
import { Splash } from './ui/Splash';
import { TagPage } from './tags/TagPage';
import { ToastProvider } from './ui/Toasts';

const ActivityPage = lazy(() => import('./activity/ActivityPage'));
const SignUpPage = lazy(() => import('./auth/SignUpPage'));
const BackPage = lazy(() => import('./auth/provider/BackPage'));
const ForgotPage = lazy(() => import('./auth/letters/ForgotPage'));
const ResetPage = lazy(() => import('./auth/letters/ResetPage'));
const ConfirmEmailPage = lazy(async () => ({ default: (await import('./auth/letters/LinkPage')).ConfirmEmailPage }));
const UndoEmailPage = lazy(async () => ({ default: (await import('./auth/letters/LinkPage')).UndoEmailPage }));
const Composer = lazy(() => import('./compose/Composer'));
const ArchivePage = lazy(() => import('./archive/ArchivePage'));
const FriendsPage = lazy(() => import('./friends/FriendsPage'));
const SearchPage = lazy(() => import('./search/SearchPage'));
const SettingsPage = lazy(() => import('./settings/SettingsPage'));
const ExplorePage = lazy(() => import('./explore/ExplorePage'));
const SavedPage = lazy(() => import('./collect/SavedPage'));
const AlbumPage = lazy(() => import('./collect/AlbumPage'));
const SharedPage = lazy(() => import('./collect/SharedPage'));
const PlacePage = lazy(() => import('./places/PlacePage'));
const MapPage = lazy(() => import('./maps/MapPage'));
const NearbyPage = lazy(() => import('./maps/NearbyPage'));
const AdminPage = lazy(() => import('./admin/AdminPage'));
const AboutPhotos = lazy(() => import('./photos/AboutPhotos'));
const ConsentPage = lazy(() => import('./oauth/ConsentPage'));

/** Server errors below 500 will not get better by asking again; a lost line may. */
function worthRetry(count: number, error: unknown): boolean {
  return count < 2 && error instanceof ApiError && (error.network || error.status >= 500);
}

function newClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: worthRetry, staleTime: 30_000, networkMode: 'always' },
      // Offline, a deed fails with a word instead of waiting in silence.
      mutations: { networkMode: 'always' },
    },
  });
}

export function App({ locale }: { locale: Locale }) {
  const [client] = useState(newClient);
  return (
    <QueryClientProvider client={client}>
      <I18nProvider initial={locale}>
        <ToastProvider>
          <SessionWatch />
          <OwnLocale />
          <LiveProvider>
            <Pages />
          </LiveProvider>
        </ToastProvider>
      </I18nProvider>
    </QueryClientProvider>
  );
}

/** On a new device, the language the user chose elsewhere. */
function OwnLocale() {
  const { setLocale } = useI18n();
  const own = toLocale(useSelf()?.locale);
  useEffect(() => {
    if (own && !localeChosen()) setLocale(own);
  }, [own, setLocale]);
  return null;
}

function Pages() {
  const [path] = useLocation();
  return (
    <Shell>
      <ErrorBoundary resetKey={path}>
        <Suspense fallback={<Splash />}>
          <Switch>
            <Route path="/">
              <RequireAuth>
                <FeedPage />
              </RequireAuth>
            </Route>
            <Route path="/sign-in" component={SignInPage} />
            <Route path="/sign-in/back" component={BackPage} />
            <Route path="/sign-up" component={SignUpPage} />
            <Route path="/forgot-password" component={ForgotPage} />
            <Route path="/reset-password" component={ResetPage} />
            <Route path="/confirm-email" component={ConfirmEmailPage} />
            <Route path="/undo-email" component={UndoEmailPage} />
            <Route path="/new">
              <RequireAuth>
                <Composer />
              </RequireAuth>
            </Route>
            <Route path="/search">
              <RequireAuth>
                <SearchPage />
              </RequireAuth>
            </Route>
            <Route path="/explore" component={ExplorePage} />
            <Route path="/people">
              <Redirect to="/search" replace />
            </Route>
            <Route path="/tags/:name">{(p) => <TagPage key={p.name} name={decodeURIComponent(p.name)} />}</Route>
            <Route path="/activity">
              <RequireAuth>
                <ActivityPage tab="mine" />
              </RequireAuth>
            </Route>
            <Route path="/activity/following">
              <RequireAuth>
                <ActivityPage tab="following" />
              </RequireAuth>
            </Route>
            <Route path="/settings/*?">
              <RequireAuth>
                <SettingsPage />
              </RequireAuth>
            </Route>
            <Route path="/archive">
              <RequireAuth>
                <ArchivePage />
              </RequireAuth>
            </Route>
            <Route path="/close-friends">
              <RequireAuth>
                <FriendsPage />
              </RequireAuth>
            </Route>
            <Route path="/admin/*?">
              <RequireAuth>
                <AdminPage />
              </RequireAuth>
            </Route>
            <Route path="/oauth/authorize">
              <RequireAuth>
                <ConsentPage />
              </RequireAuth>
            </Route>
            <Route path="/places/:id">{(p) => <PlacePage key={p.id} id={p.id} />}</Route>
            <Route path="/nearby" component={NearbyPage} />
            <Route path="/about/photos" component={AboutPhotos} />
            <Route path="/p/:code/:rest*?">{(p) => <PostPage key={p.code} code={p.code} />}</Route>
            <Route path="/saved/:id?">
              {(p) => (
                <RequireAuth>
                  <SavedPage id={p.id} />
                </RequireAuth>
              )}
            </Route>
            <Route path="/s/:token">{(p) => <SharedPage key={p.token} token={p.token} />}</Route>
            <Route path="/:username/albums">{(p) => <ProfilePage key={p.username} username={p.username} tab="albums" />}</Route>
            <Route path="/:username/albums/:id">{(p) => <AlbumPage key={p.id} username={p.username} id={p.id} />}</Route>
            <Route path="/:username/map">{(p) => <MapPage key={p.username} username={p.username} />}</Route>
            <Route path="/:username/tagged">{(p) => <ProfilePage key={p.username} username={p.username} tab="tagged" />}</Route>
            <Route path="/:username">{(p) => <ProfilePage key={p.username} username={p.username} />}</Route>
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}
