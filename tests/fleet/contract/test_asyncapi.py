"""The published description of the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet.contract.__main__ import render
from fleet.contract.asyncapi import document

PUBLISHED = Path("docs/asyncapi.yaml")


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if "$ref" in node else set()
        return found.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


def test_the_published_document_is_the_one_that_the_types_give() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == render(), "run `python -m fleet.contract`"


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    for reference in references(whole):
        node: Any = whole
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node
