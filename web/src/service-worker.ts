/**
 * The service worker: the page itself without a connection, and what this person was told last.
 *
 * In: the browser's calls. Out: the network's replies; without a connection the kept ones. Never: a write (the outbox does
 * those), a list of items, or anything kept after a sign-out. Browsers have it over TLS and on localhost only.
 */

/// <reference types="@sveltejs/kit" />
/// <reference lib="webworker" />
import { build, files } from '$service-worker';

const self = globalThis.self as unknown as ServiceWorkerGlobalScope;
const SHELL = '/';
const ASSETS = new Set([...build, ...files]);
/** What a page is made of: a cache for each build, known by the names of its files. */
const PAGE = `goldseam.page.${nameOf([...ASSETS].sort().join(' '))}`;
/** What the server said: who one is, a project as one needs it, media. It ends with the session. */
const TOLD = 'goldseam.told';
const KEPT = [/^\/api\/me$/, /^\/api\/projects\/[^/]+$/, /^\/api\/projects\/[^/]+\/items\/[^/]+\/media$/];

/** A short name for a text (FNV-1a). */
function nameOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

self.addEventListener('install', (event) => {
  const fill = async () => {
    const cache = await caches.open(PAGE);
    const shell = await fetch(SHELL, { cache: 'no-cache' });
    // The script that starts the page is named after the build, in its first document alone.
    const named = [...(await shell.clone().text()).matchAll(/ src="(\/_app\/[^"]+)"/g)].map(([, path]) => path!);
    await cache.put(SHELL, shell);
    await cache.addAll([...new Set([...ASSETS, ...named])]);
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener('activate', (event) => {
  const clear = async () => {
    const old = (await caches.keys()).filter((name) => name !== PAGE && name !== TOLD);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clear());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === 'DELETE' && url.pathname === '/api/session') return event.waitUntil(caches.delete(TOLD));
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') return event.respondWith(shown(request));
  if (ASSETS.has(url.pathname) || url.pathname.startsWith('/_app/')) return event.respondWith(asset(request));
  if (KEPT.some((one) => one.test(url.pathname))) return event.respondWith(told(request, url.pathname));
});

/** The page's first document: the server's, or without a connection the one that is kept. */
async function shown(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (problem) {
    const kept = await caches.match(SHELL, { cacheName: PAGE, ignoreVary: true });
    if (!kept) throw problem;
    return kept;
  }
}

async function asset(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: PAGE, ignoreVary: true })) ?? fetch(request);
}

async function told(request: Request, path: string): Promise<Response> {
  try {
    const reply = await fetch(request);
    if (reply.status === 401) await caches.delete(TOLD);
    else if (reply.ok) await (await caches.open(TOLD)).put(path, reply.clone());
    return reply;
  } catch (problem) {
    const kept = await caches.match(path, { cacheName: TOLD, ignoreVary: true });
    if (!kept) throw problem;
    return kept;
  }
}
