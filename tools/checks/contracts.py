"""A rule for import-linter: a package may use only the listed packages of our own code.

The built-in `forbidden` rule lists what is not allowed, so that a new package is allowed until
somebody remembers it. Here a new package is forbidden until it is listed.
"""

from collections.abc import Iterable
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

OURS = ("kit", "fleet", "provisioning", "demo", "bench", "tests", "tools")


class OnlyContract(Contract):
    """Direct imports from `source_module` into our code must stay within itself and `allowed_modules`."""

    type_name = "only"

    source_module = fields.StringField()
    allowed_modules = fields.SetField(subfield=fields.StringField(), required=False, default=frozenset())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """Collect each import that leaves the allowed packages, with its line."""
        values: Any = self  # the base class puts plain values in place of the field objects
        source: str = values.source_module
        allowed = {source, *values.allowed_modules}
        wrong = [
            {"importer": importer, "imported": imported, "line": detail["line_number"]}
            for importer in sorted({source} | graph.find_descendants(source))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if within(imported, OURS) and not within(imported, allowed)
            for detail in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that is not allowed."""
        for entry in check.metadata["wrong"]:
            output.print_error(f"{entry['importer']} imports {entry['imported']} (line {entry['line']})")


def within(module: str, packages: Iterable[str]) -> bool:
    """True where the dotted name is one of the packages or lies below one."""
    return any(module == package or module.startswith(package + ".") for package in packages)
