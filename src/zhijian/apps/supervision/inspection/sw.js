// The service worker of officers' pages: keeps this officer's task pages and their files for work without a network.
// VERSION and ASSETS are written above by the server. What is typed is not here: it lies in IndexedDB (field.js).

const OFFICER = new URL(self.location.href).searchParams.get("officer");
const PAGES = `zhijian-pages-${OFFICER}`;
const FILES = `zhijian-files-${VERSION}`;
const PATIENCE_MS = 4000;
const KEPT = /^\/work\/(round\/|checks\/\d+\/)?$/;
const THUMBNAIL = /^\/work\/evidence\/\d+\/thumbnail\/$/;

self.addEventListener("install", (event) => {
  event.waitUntil(keepFiles().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  const { kind, urls } = event.data ?? {};
  if (kind === "keep") event.waitUntil(keepPages(urls));
  if (kind === "forget") event.waitUntil(caches.delete(PAGES).then(() => event.ports[0]?.postMessage("done")));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fileFirst(request));
  else if (request.mode === "navigate" && url.pathname.startsWith("/work/")) event.respondWith(pageFromNetwork(request, url));
  else if (THUMBNAIL.test(url.pathname)) event.respondWith(thumbnail(request));
});

// A worker without all its files would leave a page that opens and does nothing: then the one before stays in charge.
async function keepFiles() {
  const files = await caches.open(FILES);
  await Promise.all([...ASSETS, "/work/offline/"].map((address) => keepFile(files, address, 3)));
}

async function keepFile(files, address, tries) {
  try {
    await files.add(address);
  } catch (problem) {
    if (tries <= 1) throw problem;
    await keepFile(files, address, tries - 1);
  }
}

// Another officer's pages and older files go as soon as this worker takes over.
async function dropOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("zhijian-") && name !== PAGES && name !== FILES);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keepPages(urls) {
  const pages = await caches.open(PAGES);
  for (const url of urls) {
    try {
      const answer = await fetch(url, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) await keepPage(pages, url, answer);
    } catch {
      return; // no network: what was kept before stays
    }
  }
}

// Putting a page drops the one kept before at once, and a network that fails in the middle then leaves neither; where the
// server's answer has no length, half a page even looks whole. So it is read to its last tag before it is put.
async function keepPage(pages, url, answer) {
  const { status, statusText, headers } = answer;
  const words = await answer.text();
  if (!words.trimEnd().endsWith("</html>")) throw new Error("cut off");
  await pages.put(url, new Response(words, { status, statusText, headers }));
}

async function fileFirst(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  return kept ?? fetch(request);
}

async function pageFromNetwork(request, url) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(url.pathname, { ignoreVary: true });
  try {
    const patience = kept ? PATIENCE_MS : 60000;
    const answer = await inTime(fetch(request), patience);
    if (answer.ok && !answer.redirected && KEPT.test(url.pathname)) await inTime(keepPage(pages, url.pathname, answer.clone()), patience);
    return answer;
  } catch {
    return kept ?? (await caches.match("/work/offline/", { ignoreVary: true })) ?? Response.error();
  }
}

async function thumbnail(request) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await pages.put(request, answer.clone());
  return answer;
}

function inTime(promise, limit) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), limit));
  return Promise.race([promise, late]);
}
