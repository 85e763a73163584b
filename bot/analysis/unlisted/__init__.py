"""What a change adds beside others of its kind, and a list elsewhere names the others only."""

from bot.analysis.unlisted.analyzer import ANALYZER as ANALYZER
from bot.analysis.unlisted.analyzer import NAME as NAME
from bot.analysis.unlisted.lists import lists_without as lists_without
from bot.analysis.unlisted.members import adds_files as adds_files
from bot.analysis.unlisted.members import members as members
