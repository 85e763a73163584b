"""What a change makes untrue elsewhere: versions, defaults, parameters and dependencies that files still state."""

from bot.analysis.stale.analyzer import ANALYZER as ANALYZER
from bot.analysis.stale.analyzer import NAME as NAME
from bot.analysis.stale.analyzer import any_concerns as any_concerns
from bot.analysis.stale.analyzer import facts as facts
