"""`python -m tools.checks [name…]`: run the checks, one line each; ends with 1 when a rule is broken."""

import sys
import time

from tools.checks import addresses, budgets, catalogue, links, lock, programs
from tools.checks.model import Check, Finding
from tools.tree import ROOT, Tree

LOGS = ROOT / "build" / "log"
SHOWN = 25

CHECKS = (
    Check("lint", programs.ruff_lint, "`.venv/bin/ruff check --fix` mends much of it"),
    Check("format", programs.ruff_format, "run `.venv/bin/ruff format`"),
    Check("types", programs.mypy, "`.venv/bin/mypy` prints the same"),
    Check("imports", programs.imports, "the rules and their reasons: .importlinter, ARCHITECTURE.md"),
    Check("budgets", budgets.find, "split by idea, not by line count"),
    Check("links", links.find, "correct the link, or add what it points to"),
    Check("addresses", addresses.find, "leave hosts and paths to the machine's own settings"),
    Check("lock", lock.find, "pin it in pyproject.toml, then `make lock`"),
    Check("texts", catalogue.find, "run `make texts`, then translate what is new"),
)


def main(names: list[str]) -> int:
    """Run the named checks, or all of them, in the order above."""
    unknown = set(names) - {check.name for check in CHECKS}
    if unknown:
        print(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(c.name for c in CHECKS)}")
        return 2
    tree = Tree.of_checkout()
    chosen = [check for check in CHECKS if not names or check.name in names]
    passed = [_passes(check, tree, f"{number}/{len(chosen)}") for number, check in enumerate(chosen, 1)]
    print(f"{sum(passed)} of {len(chosen)} checks passed")
    return 0 if all(passed) else 1


def _passes(check: Check, tree: Tree, progress: str) -> bool:
    print(f"[{progress}] {check.name:<10}", end=" ", flush=True)
    begun = time.monotonic()
    findings = check.find(tree)
    taken = f"{time.monotonic() - begun:5.1f} s"
    if not findings:
        print(f"ok    {taken}")
        return True
    print(f"fail  {taken}  {len(findings)} found: {check.remedy}")
    _show(check, findings)
    return False


def _show(check: Check, findings: list[Finding]) -> None:
    lines = [f"{found.where}: {found.what}" if found.where else found.what for found in findings]
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"check-{check.name}.txt"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for line in lines[:SHOWN]:
        print(f"      {line}")
    if len(lines) > SHOWN:
        print(f"      … all {len(lines)} in {log.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
