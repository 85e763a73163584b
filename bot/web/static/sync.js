// Shows the progress of the sync from GitHub. Without scripts, the page shows the state of its last load.
const place = document.querySelector(".sync[data-events]");
const sentence = place.querySelector("p");
const source = new EventSource(place.dataset.events);

source.addEventListener("progress", (event) => {
  const state = JSON.parse(event.data);
  if (sentence.textContent !== state.sentence) sentence.textContent = state.sentence;
  const bar = place.querySelector("progress");
  if (!bar) return;
  bar.hidden = !state.total;
  if (state.total) {
    bar.max = state.total;
    bar.value = Math.min(state.done, state.total);
  }
});

source.addEventListener("done", () => source.close());
