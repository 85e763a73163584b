"""The files of a deployment: each is accepted by its validator, and keeps what the documentation promises."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import promql_parser
import pytest
import yaml

ROOT = Path(__file__).parents[1]
KUBERNETES = sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
UNITS = sorted((ROOT / "deploy/systemd").iterdir())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yml").read_text())
OURS = ("migrate", "web", "worker", "deliveries", "scheduler")


def documents() -> Iterator[dict[str, Any]]:
    for file in KUBERNETES:
        yield from yaml.safe_load_all(file.read_text())


def pods() -> list[dict[str, Any]]:
    return [one["spec"]["template"]["spec"] for one in documents() if "template" in one.get("spec", {})]


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_has_one_volume_and_no_privileges(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["command"][0] == "gitinsight"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["volumes"] == ["data:/data"]
    assert {"web": None}.get(name, {"disable": True}) == service.get("healthcheck")


def test_compose_starts_each_part_when_what_it_needs_is_healthy() -> None:
    services = COMPOSE["services"]
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in OURS[1:]:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["worker"]["deploy"] == {"replicas": 2}
    assert all("healthcheck" in services[name] for name in ("postgres", "valkey"))


_READERS = ("settings", "environment", "storage", "redis_address")


def test_every_setting_is_one_that_the_app_reads() -> None:
    (config,) = [one["data"] for one in documents() if one["kind"] == "ConfigMap"]
    read = "".join((ROOT / f"bot/{name}.py").read_text() for name in _READERS)
    assert [name for name in {**COMPOSE["services"]["web"]["environment"], **config} if f'"{name}"' not in read] == []


def test_the_manifests_are_what_kubernetes_accepts() -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for one in documents():
        if one["kind"] != "Kustomization":
            validate.validate(one, "1.37", strict=True)


def test_the_kustomization_names_every_file() -> None:
    (kustomization,) = [one for one in documents() if one["kind"] == "Kustomization"]
    assert {*kustomization["resources"], "kustomization.yaml"} == {file.name for file in KUBERNETES}


def test_the_pods_are_restricted_and_run_every_part() -> None:
    commands = []
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            commands.append(" ".join(container["args"]))
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]
            assert {mount["mountPath"] for mount in container["volumeMounts"]} >= {"/data", "/tmp"}
    parts = ("migrate", "web", "worker", "worker", "scheduler", "worker --deliveries")
    assert sorted(commands) == sorted(f"gitinsight {part}" for part in parts)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_units_are_what_systemd_accepts(tmp_path: Path) -> None:
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/gitinsight/bin/gitinsight", "/bin/true"))
    argv = ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())]
    env = {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_run_every_part() -> None:
    started = [
        line for unit in UNITS for line in re.findall(r"^ExecStart=.*/gitinsight (.*)", unit.read_text(), re.MULTILINE)
    ]
    assert sorted(started) == ["scheduler", "up", "web", "worker", "worker --deliveries"]
    # The analyzers leave the network by namespaces of their own.
    for unit in UNITS:
        assert unit.suffix == ".target" or "RestrictNamespaces=user net\n" in unit.read_text()


def queries() -> list[str]:
    alerts = yaml.safe_load((ROOT / "deploy/monitoring/alerts.yml").read_text())
    dashboard = orjson.loads((ROOT / "deploy/monitoring/grafana.json").read_bytes())
    rules = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    return rules + [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("query", queries())
def test_a_query_is_promql(query: str) -> None:
    promql_parser.parse(query.replace("$__rate_interval", "5m"))


def test_the_queries_ask_for_metrics_that_are_documented() -> None:
    documented = set(re.findall(r"`(gitinsight_\w+)`", (ROOT / "docs/operate.md").read_text()))
    asked = {name.removesuffix("_bucket") for query in queries() for name in re.findall(r"gitinsight_\w+", query)}
    assert asked <= documented


def test_alerts_have_a_sentence_and_a_severity() -> None:
    alerts = yaml.safe_load((ROOT / "deploy/monitoring/alerts.yml").read_text())
    for rule in alerts["groups"][0]["rules"]:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["alert"].startswith("GitInsight")
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in {"warning", "critical"}


def test_the_panels_of_the_dashboard_do_not_overlap() -> None:
    panels = orjson.loads((ROOT / "deploy/monitoring/grafana.json").read_bytes())["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert taken.isdisjoint(cells)
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)
