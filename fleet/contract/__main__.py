"""`python -m fleet.contract [FILE]`: write the AsyncAPI document (default docs/asyncapi.yaml)."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from fleet.contract.asyncapi import document


def render() -> str:
    """The document as YAML text."""
    text: str = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)
    return text


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/asyncapi.yaml").write_text(render(), encoding="utf-8")
