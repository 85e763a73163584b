"""Cut the operations that GitInsight uses out of GitHub's REST description, without its prose.

    python tests/contract/slice_openapi.py PATH/TO/api.github.com.json

PATH is `generated/api.github.com.json` of the npm package `@octokit/openapi`; NOTICE tells which version is here.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

SLICE = Path(__file__).with_name("github-openapi.json.gz")
PROSE = {"description", "summary", "example", "examples", "externalDocs", "title", "tags", "x-github", "deprecated"}
OPERATIONS = {
    "/app": ["get"],
    "/app-manifests/{code}/conversions": ["post"],
    "/app/hook/deliveries": ["get"],
    "/app/hook/deliveries/{delivery_id}": ["get"],
    "/app/hook/deliveries/{delivery_id}/attempts": ["post"],
    "/app/installations": ["get"],
    "/app/installations/{installation_id}": ["get"],
    "/app/installations/{installation_id}/access_tokens": ["post"],
    "/installation/repositories": ["get"],
    "/installation/token": ["delete"],
    "/rate_limit": ["get"],
    "/repos/{owner}/{repo}": ["get"],
    "/repos/{owner}/{repo}/check-runs": ["post"],
    "/repos/{owner}/{repo}/check-runs/{check_run_id}": ["get", "patch"],
    "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations": ["get"],
    "/repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest": ["post"],
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls": ["get"],
    "/repos/{owner}/{repo}/commits/{ref}/check-runs": ["get"],
    "/repos/{owner}/{repo}/contributors": ["get"],
    "/repos/{owner}/{repo}/git/ref/{ref}": ["get"],
    "/repos/{owner}/{repo}/installation": ["get"],
    "/repos/{owner}/{repo}/issues": ["get"],
    "/repos/{owner}/{repo}/issues/comments": ["get"],
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ["get", "patch", "delete"],
    "/repos/{owner}/{repo}/issues/{issue_number}": ["get"],
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
    "/repos/{owner}/{repo}/labels": ["get"],
    "/repos/{owner}/{repo}/milestones": ["get"],
    "/repos/{owner}/{repo}/pulls": ["get"],
    "/repos/{owner}/{repo}/pulls/comments": ["get"],
    "/repos/{owner}/{repo}/pulls/{pull_number}": ["get"],
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ["get"],
    "/repos/{owner}/{repo}/releases": ["get"],
    "/user": ["get"],
    "/user/installations": ["get"],
    "/user/installations/{installation_id}/repositories": ["get"],
}


def without_prose(node: Any, *, names: bool = False) -> Any:
    """The node without keys that only people read; `names`: the keys are names of properties and stay."""
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_prose(value, names=not names and key in {"properties", "schemas", "parameters", "responses"})
        for key, value in node.items()
        if names or key not in PROSE
    }


def references(node: Any) -> set[str]:
    """Every `$ref` within the node."""
    if isinstance(node, list):
        return set().union(*(references(item) for item in node), set())
    if not isinstance(node, dict):
        return set()
    here = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return here.union(*(references(value) for value in node.values()))


def slice_of(description: dict[str, Any]) -> dict[str, Any]:
    """The operations and every component that they lead to."""
    paths = {
        path: {method: without_prose(description["paths"][path][method]) for method in methods}
        for path, methods in OPERATIONS.items()
    }
    _mend(paths)
    components: dict[str, dict[str, Any]] = {}
    waiting = references(paths)
    while waiting:
        reference = waiting.pop()
        _, _, section, name = reference.split("/")
        if name in components.setdefault(section, {}):
            continue
        component = without_prose(description["components"][section][name])
        components[section][name] = component
        waiting |= references(component)
    _allow_null(components["schemas"])
    ordered = {section: dict(sorted(found.items())) for section, found in sorted(components.items())}
    return {"openapi": description["openapi"], "paths": paths, "components": ordered}


def _mend(paths: dict[str, Any]) -> None:
    """An account is a user or an enterprise; in this one place the description asks for both at once."""
    listed = paths["/app/installations"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    account = listed["items"]["properties"]["account"]
    account["anyOf"] = account.pop("allOf")


def _allow_null(schemas: dict[str, Any]) -> None:
    """The head of a deleted fork has neither user nor repository, and a label need not have a description.

    The description forgets that in these places; the webhooks' own description has it.
    """
    for name in ("pull-request", "pull-request-simple"):
        properties = schemas[name]["properties"]
        head = properties["head"]["properties"]
        for one in (head["repo"], head["user"], properties["labels"]["items"]["properties"]["description"]):
            one["nullable"] = True


def main() -> None:
    """Write the slice beside this file, the same bytes for the same input."""
    description = json.loads(Path(sys.argv[1]).read_text())
    text = json.dumps(slice_of(description), separators=(",", ":")).encode()
    SLICE.write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{SLICE.name}: {len(text):,} bytes, {SLICE.stat().st_size:,} compressed")


if __name__ == "__main__":
    main()
