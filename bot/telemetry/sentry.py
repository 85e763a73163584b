"""Errors to Sentry or to a service with its protocol: what failed and where in our code, without any text of a message.

An event is made anew from the few fields below. Messages of exceptions, arguments of lines of the log, local variables,
requests and breadcrumbs may have names and texts of strangers, or secrets; none of them is sent.
https://docs.sentry.io/platforms/python/configuration/options/
"""

from typing import TYPE_CHECKING, Any, cast

from bot import __version__
from bot.logs import subject
from bot.text import plain

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_FLUSH_SECONDS = 2.0
_KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "sdk", "type")
_OF_FRAMES = ("filename", "function", "module", "lineno", "in_app")
_MESSAGE = 300
# RQ logs what `report` has reported, with the arguments of the job.
_IGNORED = ("rq.worker", "rq.job")
_is_on = False


def start(dsn: str, part: str) -> None:
    """Report the exceptions and the errors of the log of this process. part: `web`, `worker`, …"""
    import sentry_sdk
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger

    global _is_on  # noqa: PLW0603 - as the SDK's own state, once per process
    sentry_sdk.init(
        dsn=dsn,
        release=f"gitinsight@{__version__}",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None), DedupeIntegration()],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        send_client_reports=False,
        auto_session_tracking=False,
        server_name="",
        before_send=_only_known,
    )
    sentry_sdk.set_tag("part", part)
    for name in _IGNORED:
        ignore_logger(name)
    _is_on = True


def report(bug: BaseException) -> None:
    """Report an exception that no line of the log tells of."""
    if _is_on:
        import sentry_sdk

        sentry_sdk.capture_exception(bug)


def flush() -> None:
    """Send what waits, for at most two seconds."""
    if _is_on:
        import sentry_sdk

        sentry_sdk.flush(_FLUSH_SECONDS)


def _only_known(event: "Event", hint: "Hint") -> "Event":
    """The event with the fields that hold nothing of strangers."""
    content: dict[str, Any] = dict(event)
    made: dict[str, Any] = {name: content[name] for name in _KEPT if name in content}
    template = _template(content)
    if template:
        made["message"] = template
    if exceptions := (content.get("exception") or {}).get("values"):
        made["exception"] = {"values": [_exception(one) for one in exceptions]}
    tags = {name: value for name, value in dict(content.get("tags") or {}).items() if name == "part"}
    made["tags"] = tags | subject().named()
    return cast("Event", made)


def _template(content: dict[str, Any]) -> str:
    """The constant part of a line of the log, as it stands in our code."""
    return plain(str((content.get("logentry") or {}).get("message") or ""), _MESSAGE)


def _exception(one: dict[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames") or []
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "mechanism": {"type": "generic", "handled": True},
        "stacktrace": {"frames": [{name: frame[name] for name in _OF_FRAMES if name in frame} for frame in frames]},
    }
