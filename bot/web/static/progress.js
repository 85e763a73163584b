// Shows the progress of an analysis, and its result when it has ended. Without scripts the page reloads itself.
const place = document.querySelector("[data-events]");
const bar = place.querySelector("progress");
const step = place.querySelector(".step");
const source = new EventSource(place.dataset.events);

source.addEventListener("progress", (event) => {
  const state = JSON.parse(event.data);
  bar.value = state.progress;
  bar.setAttribute("aria-valuenow", Math.round(state.progress * 100));
  const badge = document.querySelector("h1 .state");
  badge.className = `state ${state.status}`;
  badge.textContent = state.status.replace("_", " ");
  const words = state.step_name;
  if (step.textContent !== words) step.textContent = words;
});

source.addEventListener("done", () => {
  source.close();
  show();
});

// The server refused the stream, for example because too many are open: reload the page after a while.
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
  const announcement = document.createElement("p");
  announcement.setAttribute("role", "status");
  announcement.className = "unseen";
  main.prepend(announcement);
  requestAnimationFrame(() => { announcement.textContent = "The analysis has ended."; });
}
