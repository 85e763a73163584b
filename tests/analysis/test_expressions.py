"""Who can choose the value of an expression of a workflow."""

import time

import pytest

from bot.analysis.security.expressions import Source, source_of

WORKFLOW = """\
on:
  workflow_dispatch:
    inputs:
      version:
        description: The version
        type: string
      dry-run:
        description: Only show
        type: boolean
      level:
        type: choice
        options: [low, high]
env:
  REGISTRY: ghcr.io
  IMAGE: ${{ github.repository }}
  TITLE: "${{ github.event.pull_request.title }}"
  NAMED: ${{ env.TITLE }}
  ROUND: ${{ env.TRIP }}
  TRIP: ${{ env.ROUND }}
jobs:
  a:
    strategy:
      matrix:
        os: [linux, windows]
        label: ["${{ github.head_ref }}"]
        python:
        - "3.13"
        - "3.14"
        include:
          - target: x86
    steps:
      - run: echo "MADE=$(cat notes)" >> $GITHUB_ENV
        env:
          MADE: none
          IMAGE: ${{ env.IMAGE }}
"""


@pytest.mark.parametrize(
    "expression",
    [
        "github.repository", "github.sha", "github.run_id", "github.actor", "github.event.number",
        "github.event.pull_request.number", "github.event.pull_request.head.sha", "github.event.sender.login",
        "github.event.repository.default_branch", "github.event.pull_request.head.repo.full_name",
        "steps.build.outputs.digest", "steps.x.outputs.image-id", "steps.cache.outputs.cache-hit", "steps.x.outcome",
        "needs.a.result", "secrets.TOKEN", "vars.REGION", "runner.temp", "env.REGISTRY", "env.IMAGE", "matrix.os",
        "matrix.python", "matrix.target", "inputs.dry-run", "inputs.level", "hashFiles('a', github.head_ref)",
        "github.event.pull_request.title == 'x'", "contains(github.event.issue.body, 'x')", "'github.head_ref'",
        "github.event_name == 'push' && 'a' || 'b'", "1",
    ],
)  # fmt: skip
def test_nobody_chooses_it(expression: str) -> None:
    assert source_of(expression, WORKFLOW) is Source.NOBODY


@pytest.mark.parametrize(
    "expression",
    [
        "github.head_ref", "github['head_ref']", "github.event.pull_request.title", "github.event.issue.body",
        "github.event.pull_request.head.ref", "github.event.commits[0].message", "github.event.comment.body",
        "github.event.workflow_run.head_branch", "toJSON(github.event)", "toJSON(github)", "env.TITLE", "env.NAMED",
        "matrix.label", "format('{0}', github.head_ref)", "github.event_name == 'push' && 'a' || github.head_ref",
        "github.event.*.body",
    ],
)  # fmt: skip
def test_an_outsider_chooses_it(expression: str) -> None:
    assert source_of(expression, WORKFLOW) is Source.OUTSIDER


@pytest.mark.parametrize(
    ("expression", "source"),
    [
        ("inputs.version", Source.STARTER),
        ("inputs.other", Source.STARTER),
        ("github.event.inputs.version", Source.STARTER),
        ("github.event.client_payload.tag", Source.STARTER),
        ("github.ref_name", Source.REFERENCE),
        ("github.event.ref", Source.REFERENCE),
        ("steps.read.outputs.notes", Source.UNKNOWN),
        ("needs.a.outputs.matrix", Source.UNKNOWN),
        ("env.ELSEWHERE", Source.UNKNOWN),
        ("env.MADE", Source.UNKNOWN),
        ("env.ROUND", Source.NOBODY),
        ("matrix.none", Source.UNKNOWN),
    ],
)
def test_others_choose_it(expression: str, source: Source) -> None:
    assert source_of(expression, WORKFLOW) is source


@pytest.mark.parametrize("unit", ["env.A", "(", "github", "[", "a.", "'", "&&", "||", "!", "hashFiles("])
def test_hostile_expressions_and_workflows_take_no_time(unit: str) -> None:
    begin = time.process_time()
    source_of((unit * 200)[:200], "\n".join([f"A: ${{{{ env.B }}}} {unit * 100}", "B: ${{ env.A }}"] * 3_000))
    assert time.process_time() - begin < 2
