"""All metrics, in the order in which they are shown."""

from bot.domain.items import ItemKind
from bot.trends import items
from bot.trends.commits import COMMIT_METRICS
from bot.trends.metric import CHAOSS, DORA, Metric

_PEOPLE = "Bots do not count."
_MERGED = f"of the pull requests that were merged within 90 days, by the period in which they were opened. {_PEOPLE}"

PULL_METRICS: tuple[Metric, ...] = (
    Metric(
        key="pull-first-response",
        name="Time to first response, pull requests",
        definition="The median time from opening a pull request to the first comment, review or merge by another "
        f"person. Without one within 30 days it counts as 30 days. {_PEOPLE}",
        unit="hours",
        source="pull_requests",
        measure=items.first_response(ItemKind.PULL_REQUEST),
        least_change=4,
        standard="CHAOSS: Time to First Response",
        url=f"{CHAOSS}time-to-first-response/",
        better="down",
    ),
    Metric(
        key="change-request-closure-ratio",
        name="Change request closure ratio",
        definition="Pull requests that were closed or merged in the period, per pull request opened in it. Below 1, "
        f"more are opened than closed. {_PEOPLE}",
        unit="closed per opened",
        source="pull_requests",
        measure=items.closure_ratio,
        least_change=0.1,
        standard="CHAOSS: Change Request Closure Ratio",
        url=f"{CHAOSS}change-request-closure-ratio/",
        better="up",
    ),
    Metric(
        key="review-cycle-duration",
        name="Review cycle duration",
        definition="The median time of a review cycle of a reviewed pull request: from opening to closing, divided by "
        "1 + the number of reviews that requested changes. Open after 90 days counts as 90 days. GitHub does not tell "
        f"when a cycle begins. {_PEOPLE}",
        unit="days",
        source="pull_requests",
        measure=items.review_cycle,
        least_change=0.5,
        standard="CHAOSS: Review Cycle Duration within a Change Request",
        url=f"{CHAOSS}review-cycle-duration-within-a-change-request/",
        better="down",
    ),
    Metric(
        key="lead-time-to-merge",
        name="Lead time for changes, to the merge",
        definition=f"The median time from opening to merging, {_MERGED}",
        unit="days",
        source="pull_requests",
        measure=items.lead_time_to_merge,
        least_change=0.5,
        standard="DORA: Change lead time",
        url=DORA,
        better="down",
    ),
    Metric(
        key="lead-time-to-release",
        name="Lead time for changes, to the release",
        definition="The median time from opening to the first release after merging (pre-releases do not count), "
        f"{_MERGED} Without a release within 180 days it counts as 180 days.",
        unit="days",
        source="pull_requests",
        measure=items.lead_time_to_release,
        least_change=3,
        standard="DORA: Change lead time",
        url=DORA,
        better="down",
    ),
)

RELEASE_METRICS: tuple[Metric, ...] = (
    Metric(
        key="releases",
        name="Releases",
        definition="Releases published on GitHub per month, without pre-releases. They stand for DORA's deployments.",
        unit="releases per month",
        source="releases",
        measure=items.release_frequency,
        least_change=0.25,
        standard="CHAOSS: Release Frequency; DORA: Deployment frequency",
        url=f"{CHAOSS}release-frequency/",
    ),
)

ISSUE_METRICS: tuple[Metric, ...] = (
    Metric(
        key="bug-reports",
        name="Bug reports",
        definition="Issues opened per month that report a bug: by their labels if at least three of ten issues have "
        "one that names a kind, else also by their title. Issues whose kind is unsure do not count. Titles alone were "
        f"right in three of five bug reports. {_PEOPLE}",
        unit="issues per month",
        source="issues",
        measure=items.bug_reports,
        least_change=1,
    ),
    Metric(
        key="issue-first-response",
        name="Time to first response, issues",
        definition="The median time from opening an issue to the first comment by another person. Without one within "
        f"30 days it counts as 30 days. {_PEOPLE}",
        unit="hours",
        source="issues",
        measure=items.first_response(ItemKind.ISSUE),
        least_change=4,
        standard="CHAOSS: Time to First Response",
        url=f"{CHAOSS}time-to-first-response/",
        better="down",
    ),
    Metric(
        key="issue-age",
        name="Issue age",
        definition="The median age of the issues that are open at the end of the period. An issue that was opened "
        f"again counts as open all the time. {_PEOPLE}",
        unit="days",
        source="issues",
        measure=items.issue_age,
        least_change=14,
        standard="CHAOSS: Issue Age",
        url=f"{CHAOSS}issue-age/",
        better="down",
    ),
    Metric(
        key="issue-resolution-duration",
        name="Issue resolution duration",
        definition="The median time from opening to closing an issue, by the period in which it was opened. Open after "
        f"180 days counts as 180 days. {_PEOPLE}",
        unit="days",
        source="issues",
        measure=items.issue_resolution,
        least_change=1,
        standard="CHAOSS: Issue Resolution Duration",
        url=f"{CHAOSS}issue-resolution-duration/",
        better="down",
    ),
)

METRICS: tuple[Metric, ...] = (*COMMIT_METRICS, *RELEASE_METRICS, *PULL_METRICS, *ISSUE_METRICS)
