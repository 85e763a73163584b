"""All patterns of a project."""

from bot.domain.changed_files import ChangedFiles
from bot.domain.items import Item, ItemKind
from bot.domain.patch_details import NO_DETAILS, PatchDetails
from bot.domain.patterns import Patterns, Period
from bot.domain.project import Project
from bot.ml.threads import one_thread
from bot.patterns.alike import duplicates, overlaps
from bot.patterns.clusters import clusters
from bot.patterns.fix_areas import fix_areas
from bot.patterns.fix_causes import fix_causes
from bot.patterns.fixed_functions import fixed_functions
from bot.patterns.fixes import fixes_of
from bot.patterns.follow_ups import follow_ups
from bot.patterns.forgotten_names import forgotten_names
from bot.patterns.selection import WINDOW, work_of
from bot.patterns.slow_reviews import slow_reviews
from bot.patterns.test_repairs import flaky_tests, pipeline_repairs
from bot.patterns.topics import topics
from bot.patterns.untested_fixes import untested_fixes


def patterns(project: Project, changed: ChangedFiles, details: PatchDetails = NO_DETAILS) -> Patterns:
    """Find the patterns of the last three years. Kinds of items that are not synced completely are left out.

    changed: the files of at least the changes of this period. details: of its patches, as far as they are known.
    """
    with one_thread():
        return _patterns(project, changed, details)


def _patterns(project: Project, changed: ChangedFiles, details: PatchDetails) -> Patterns:
    work = work_of(project, changed)
    fixes = fixes_of(work, changed, details)
    items = [item for item in project.items if item.kind in project.synced and _is_recent(item, work.until)]
    issues = [item for item in items if item.kind is ItemKind.ISSUE]
    pulls = [item for item in items if item.kind is ItemKind.PULL_REQUEST]
    by_people = [issue for issue in issues if not (issue.author and issue.author.is_bot)]
    return Patterns(
        changes=Period(since=work.since, until=work.until, sample=len(work.changes)),
        issues=_period(issues, work.until) if ItemKind.ISSUE in project.synced else None,
        pulls=_period(pulls, work.until) if ItemKind.PULL_REQUEST in project.synced else None,
        clusters=clusters(work, changed),
        fix_areas=fix_areas(work, changed),
        topics=topics(by_people, work.until, project.issue_kinds),
        follow_ups=follow_ups(work, changed),
        slow_reviews=slow_reviews(project, work, changed) if ItemKind.PULL_REQUEST in project.synced else (),
        duplicates=duplicates(items),
        overlaps=overlaps(items, work.until),
        fix_causes=fix_causes(fixes, changed),
        fixed_functions=fixed_functions(fixes),
        untested_fixes=untested_fixes(fixes, changed),
        forgotten_names=forgotten_names(details),
        flaky_tests=flaky_tests(fixes),
        pipeline_repairs=pipeline_repairs(fixes),
    )


def _is_recent(item: Item, until: int) -> bool:
    """Whether it was created in the period, or is open. Times in the future are a clock's error."""
    created = item.created_at.timestamp()
    return created <= until and (item.state == "open" or created >= until - WINDOW)


def _period(items: list[Item], until: int) -> Period:
    since = min((int(item.created_at.timestamp()) for item in items), default=until)
    return Period(since=since, until=until, sample=len(items))
