// Shows how far an analysis is, and its result when it is done. Without a script the page reloads itself.
const place = document.querySelector("[data-events]");
const bar = place.querySelector("progress");
const step = place.querySelector(".step");
const source = new EventSource(place.dataset.events);

source.addEventListener("progress", (event) => {
  const said = JSON.parse(event.data);
  bar.value = said.progress;
  bar.setAttribute("aria-valuenow", Math.round(said.progress * 100));
  const state = document.querySelector("h1 .state");
  state.className = `state ${said.status}`;
  state.textContent = said.status.replace("_", " ");
  const words = said.step || "waiting";
  if (step.textContent !== words) step.textContent = words;
});

source.addEventListener("done", () => {
  source.close();
  show();
});

// Refused for good, such as when too many watch: ask again in a while.
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 10000);
});

async function show() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return location.reload();
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = made.title;
  const main = document.querySelector("main");
  main.replaceChildren(...made.querySelector("main").childNodes);
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  told.className = "unseen";
  main.prepend(told);
  requestAnimationFrame(() => { told.textContent = "The analysis is done."; });
}
