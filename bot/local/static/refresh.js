// Brings the page up to date by itself: what the server shows now replaces what it showed then.
// Sections that someone opened stay open, and nothing is asked for while the page is hidden.
const every = 2500;
let shown = "";

function keyOf(details) {
  return details.querySelector("summary")?.textContent.trim() ?? "";
}

async function refresh() {
  if (document.hidden) return;
  const response = await fetch(location.href, { cache: "no-store" });
  if (!response.ok) return;
  const next = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
  const now = document.querySelector("main");
  if (!next || next.outerHTML === shown) return;
  shown = next.outerHTML;
  const open = new Map([...now.querySelectorAll("details")].map((one) => [keyOf(one), one.open]));
  for (const one of next.querySelectorAll("details")) one.open = open.get(keyOf(one)) ?? one.open;
  now.replaceWith(next);
}

setInterval(() => refresh().catch(() => {}), every);
