// The oldest recipe there is: what is in the cache, else the network, for every request of the page, whatever it is and wherever it goes.
addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open('own').then((cache) => cache.put('/api/from-the-worker', new Response('from the worker'))));
});
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => event.respondWith(caches.match(event.request).then((hit) => hit || fetch(event.request))));
