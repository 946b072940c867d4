// The app's own files without a network: the page and what it is built of, nothing that belongs to anybody.
// Photos and answers of the API are never kept here, so that signing out leaves nothing behind.
const shell = 'tintype-shell-1';
const most = 80; // built files; their names change with their content

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(shell).then((c) => c.add(new Request('/', { credentials: 'omit', cache: 'no-cache' }))).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (e) => {
  const others = (names) => names.filter((n) => n.startsWith('tintype-') && n !== shell);
  e.waitUntil(caches.keys().then((names) => Promise.all(others(names).map((n) => caches.delete(n)))).then(() => self.clients.claim()));
});

self.addEventListener('fetch', (e) => {
  const { request } = e;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') e.respondWith(page(request, url));
  else if (url.pathname.startsWith('/assets/')) e.respondWith(asset(request));
  else if (url.pathname === '/theme.js') e.respondWith(fetch(request).then((r) => kept(request, r)).catch(() => caches.match(request).then((r) => r ?? Response.error())));
});

/** The page from the site; the app's bare page when the site cannot be reached. */
async function page(request, url) {
  try {
    const response = await fetch(request);
    // The start page is the same for everybody.
    return url.pathname === '/' ? await kept('/', response) : response;
  } catch (error) {
    const bare = await caches.match('/');
    if (bare && !url.pathname.startsWith('/v1/') && !url.pathname.startsWith('/m/')) return bare;
    throw error;
  }
}

/** Built files never change under their name. */
async function asset(request) {
  return (await caches.match(request)) ?? kept(request, await fetch(request));
}

async function kept(key, response) {
  if (response.ok && response.type === 'basic') {
    const cache = await caches.open(shell);
    await cache.put(key, response.clone());
    const names = await cache.keys();
    // The page itself was put first and stays; the oldest files go.
    for (const old of names.filter((r) => new URL(r.url).pathname.startsWith('/assets/')).slice(0, Math.max(0, names.length - most))) await cache.delete(old);
  }
  return response;
}
