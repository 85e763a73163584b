"""Starts what the settings ask for, and wraps the jobs of a worker."""

from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec

from bot.environment import SettingsError
from bot.settings import Settings
from bot.telemetry import sentry, tracing

# The setting, the module that it needs, and the extra that installs it.
_EXTRAS = (("SENTRY_DSN", "sentry_sdk", "sentry"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "opentelemetry.exporter", "otel"))


def check(settings: Settings) -> None:
    """Raises SettingsError for a setting whose extra is not installed."""
    for (setting, module, extra), value in zip(_EXTRAS, (settings.sentry_dsn, settings.otel_endpoint), strict=True):
        if value and not _is_installed(module):
            raise SettingsError(
                f"{setting} is set, but its packages are not installed: pip install 'gitinsight[{extra}]'"
            )


def start(settings: Settings, part: str) -> None:
    """Start what the settings ask for, once per process. part: `web`, `worker`, … Raises SettingsError."""
    check(settings)
    if settings.sentry_dsn:
        sentry.start(settings.sentry_dsn, part)
    if settings.otel_endpoint:
        tracing.start(settings.otel_endpoint, settings.otel_headers, part)


def reported(function: Callable[..., object]) -> Callable[..., object]:
    """The function of a job that reports its exception. The process of a job ends without the usual end of a program,
    so that what waits to be sent is sent here.
    """

    @wraps(function)
    def run(*args: object) -> object:
        try:
            return function(*args)
        except Exception as bug:
            sentry.report(bug)
            raise
        finally:
            sentry.flush()
            tracing.flush()

    return run


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):
        return False
