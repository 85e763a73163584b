"""What a browser may do with our answers. https://www.w3.org/TR/CSP3/

No page has an inline script or style, and nothing comes from elsewhere. Plotly, too, works under this: it adds its
rules by CSSOM to the sheet that it finds under the id `plotly.js-style-global`, which is ours, and what it sets on
elements it sets as properties; neither is inline style to a browser. The one inline style that it would add, of its
maps, `static/charts.js` keeps away.
"""

from urllib.parse import urlsplit

from aiohttp import web

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


async def security_headers(request: web.Request, answer: web.StreamResponse) -> None:
    """No frame, no guessing of types on every answer; no script but where a page has one of ours."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)


def posting_to(url: str) -> str:
    """The policy of a page with a form that goes to another site."""
    parts = urlsplit(url)
    return STRICT.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
