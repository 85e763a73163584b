"""What a browser may do with our answers. https://www.w3.org/TR/CSP3/

No page has an inline script or style, and nothing comes from elsewhere. Plotly, too, works under this: it adds its
rules by CSSOM to the sheet that it finds under the id `plotly.js-style-global`, which is ours, and what it sets on
elements it sets as properties; neither is inline style to a browser. The one inline style that it would add, of its
maps, `static/charts.js` keeps away.
"""

_EVERY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STRICT = _EVERY
SCRIPTED = f"{_EVERY}; script-src 'self'; connect-src 'self'"

HEADERS = {
    "Content-Security-Policy": STRICT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
