"""The JSON Schema of `.github/gitinsight.yml`, for editors: `make schema` writes it into docs/."""

import json
from collections.abc import Iterable
from typing import Any

from bot.config.keys import KEYS, Key, Section
from bot.domain.change import RepositoryConfig


def config_schema() -> dict[str, Any]:
    """The whole document. https://json-schema.org/draft/2020-12"""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://gitinsight.invalid/gitinsight.schema.json",
        "title": "GitInsight's configuration of one repository",
        **_mapping("The file .github/gitinsight.yml on the default branch. Every key may be left out.", KEYS),
    }


def _mapping(description: str, keys: Iterable[Key | Section]) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _property(key) for key in keys},
    }


def _property(key: Key | Section) -> dict[str, Any]:
    if isinstance(key, Section):
        return _mapping(key.description, key.keys)
    return {"description": key.description, **key.value.schema(getattr(RepositoryConfig(), key.name))}


if __name__ == "__main__":
    print(json.dumps(config_schema(), indent=2))  # noqa: T201
