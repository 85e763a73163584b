"""The Content-Security-Policy and other security headers. https://www.w3.org/TR/CSP3/

No page has an inline script or an inline style, and no page loads anything from another site.

Plotly works under this policy. It adds its rules by CSSOM to the style sheet with the id `plotly.js-style-global`,
which is ours. It sets styles of elements as properties. Browsers count neither as inline style. Plotly would add one
inline style, for maps; `static/charts.js` prevents that.
"""

from urllib.parse import urlsplit

from aiohttp import web

_EVERY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STRICT = _EVERY
# Plotly makes the picture of a chart that a person saves of a blob, which only our own scripts can make.
SCRIPTED = f"{_EVERY}; script-src 'self'; connect-src 'self'".replace("img-src 'self'", "img-src 'self' blob:")

HEADERS = {
    "Content-Security-Policy": STRICT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def security_headers(request: web.Request, answer: web.StreamResponse) -> None:
    """Set the headers on every response: no frames and no content sniffing; scripts only where a page has its own."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)


def posting_to(url: str) -> str:
    """The policy of a page with a form that is sent to another site."""
    parts = urlsplit(url)
    return STRICT.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
