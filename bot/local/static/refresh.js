// Updates the page: fetches it at regular intervals and replaces the content if it has changed.
// Open sections stay open. A hidden page sends no requests.
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
  const open = new Map([...now.querySelectorAll("details")].map((details) => [keyOf(details), details.open]));
  for (const details of next.querySelectorAll("details")) details.open = open.get(keyOf(details)) ?? details.open;
  now.replaceWith(next);
}

setInterval(() => refresh().catch(() => {}), every);
