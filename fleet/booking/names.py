"""The names that resources use: systems of identifiers and codes, and the elements that are read."""

from __future__ import annotations

from typing import Final

BASE: Final = "https://hembesok.example/fhir"
KIT_SYSTEM: Final = f"{BASE}/NamingSystem/kit"
"""Identifier of a Device: `kit-0007`."""
UNIT_SYSTEM: Final = f"{BASE}/NamingSystem/unit"
"""Identifier of a Location: the unit's name as the start screen says it; it stays when a kit is swapped."""
KIND_SYSTEM: Final = f"{BASE}/CodeSystem/meeting-kind"
"""Codes are the keys of `fleet.store.meetings.KINDS`."""
DROPPED: Final = f"{BASE}/StructureDefinition/dropped-element"
"""Extension of a returned resource's meta: an element that was sent and not kept."""
SUBSETTED: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"

READ: Final = frozenset(
    {"resourceType", "id", "meta", "status", "start", "end", "serviceType", "virtualService", "participant"}
)
REFUSED: Final = frozenset({"implicitRules", "modifierExtension"})
"""They change the meaning of the rest, and may not be ignored."""
UNUSED: Final = frozenset(
    {"created", "language", "minutesDuration", "priority", "recurrenceId", "occurrenceChanged"}
)
"""Cannot name a person; not kept either, as nothing needs them."""
