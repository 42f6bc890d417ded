// A page for when there is no line; nothing else is kept, so nothing is ever shown that is not true any more.
"use strict";
const STORE = "offline-1";
self.addEventListener("install", (event) => event.waitUntil(caches.open(STORE).then((kept) => kept.add("/offline")).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.destination === "document" && event.request.method === "GET") { // a frame asks for itself: the server must see that it is one
    event.respondWith(fetch(event.request).catch(() => caches.match("/offline")));
  }
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((open) => (open[0] ? open[0].focus() : self.clients.openWindow("/offer"))));
});
