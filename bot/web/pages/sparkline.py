"""A small line of activity, for a cell of a table. The numbers are in its title and in the text next to it."""

from collections.abc import Sequence

from markupsafe import Markup

_WIDTH, _HEIGHT, _EDGE = 120, 28, 3


def sparkline(values: Sequence[float], label: str) -> Markup | None:
    """Draw the values from left to right, 0 at the bottom; None for less than two."""
    if len(values) < 2:
        return None
    most = max(values) or 1.0
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    places = [
        f"{_EDGE + step * number:.1f},{_HEIGHT - _EDGE - max(0.0, value) / most * (_HEIGHT - 2 * _EDGE):.1f}"
        for number, value in enumerate(values)
    ]
    end_x, _, end_y = places[-1].partition(",")
    return Markup(
        '<svg class="sparkline" role="img" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-label="{2}">'
        '<title>{2}</title><polyline points="{3}"/><circle cx="{4}" cy="{5}" r="2.4"/></svg>'
    ).format(_WIDTH, _HEIGHT, label, " ".join(places), end_x, end_y)
