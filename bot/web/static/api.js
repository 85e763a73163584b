// Lets a visitor try the calls with Swagger UI. Without scripts the page shows the calls as text.
const place = document.querySelector("#explorer");
const text = document.querySelector("#as-text");
const said = place.querySelector("[role=status]");
const dark = matchMedia("(prefers-color-scheme: dark)");

function coloured() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}
coloured();
dark.addEventListener("change", coloured);

const answer = await fetch(place.dataset.document);
const spec = await answer.json();
// The page may be open under another name of this site than PUBLIC_URL, to which the policy forbids requests.
spec.servers = [{ url: `${location.origin}${new URL(spec.servers[0].url).pathname}` }];
const ui = window.SwaggerUIBundle({
  spec,
  domNode: place.querySelector(".calls"),
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
});

// What Swagger UI leaves out: scrollable text that a keyboard can reach, and names of fields.
function mend() {
  for (const scrolled of place.querySelectorAll("pre.microlight:not([tabindex])")) scrolled.tabIndex = 0;
  for (const field of place.querySelectorAll("tr select:not([aria-label]), tr textarea:not([aria-label])")) {
    field.setAttribute("aria-label", field.closest("tr").dataset.paramName || "Media type");
  }
}
new MutationObserver(mend).observe(place, { childList: true, subtree: true });
place.hidden = false;
text.hidden = true;

const button = place.querySelector("[data-token]");
if (button) {
  button.addEventListener("click", async () => {
    const given = await fetch(button.dataset.token, { method: "POST" });
    if (!given.ok) {
      said.textContent = "The session has ended. Reload the page.";
      return;
    }
    const { token, expires_in: seconds } = await given.json();
    ui.preauthorizeApiKey("token", token);
    said.textContent = `The calls are sent with your permissions for ${Math.round(seconds / 60)} minutes.`;
  });
}
