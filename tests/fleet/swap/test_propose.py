"""Which spare is proposed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fleet.swap import Candidate, propose

OLD = Candidate(
    kit="kit-0001",
    kind="tablet12",
    owner="region",
    municipality="norr",
    online=False,
    well=False,
    battery=None,
)
GOOD = Candidate(
    kit="kit-0002", kind="tablet12", owner="region", municipality="norr", online=True, well=True, battery=90
)
CANDIDATES = st.builds(
    Candidate,
    kit=st.sampled_from(["kit-0002", "kit-0003", "kit-0004"]),
    kind=st.sampled_from(["tablet12", "pi5"]),
    owner=st.sampled_from(["region", "municipality"]),
    municipality=st.sampled_from(["norr", "soder"]),
    online=st.booleans(),
    well=st.booleans(),
    battery=st.one_of(st.none(), st.integers(0, 100).map(float)),
)


@given(st.lists(CANDIDATES, max_size=6, unique_by=lambda candidate: candidate.kit))
def test_usable_spares_come_first_and_are_of_the_right_kind_and_owner_and_there(
    spares: list[Candidate],
) -> None:
    proposals = propose(OLD, spares)
    assert [p.usable for p in proposals] == sorted((p.usable for p in proposals), reverse=True)
    for proposal in proposals:
        if proposal.usable:
            spare = proposal.candidate
            assert (spare.kind, spare.owner, spare.online) == (OLD.kind, OLD.owner, True)


@given(st.lists(CANDIDATES, max_size=6, unique_by=lambda candidate: candidate.kit))
def test_the_order_of_the_register_does_not_matter(spares: list[Candidate]) -> None:
    turned = list(reversed(spares))
    assert propose(OLD, spares) == propose(OLD, turned)


def test_a_well_spare_of_another_municipality_is_better_than_an_ill_one_at_home() -> None:
    ill = replace(GOOD, well=False)
    away = replace(GOOD, kit="kit-0004", municipality="soder")
    assert [p.candidate.kit for p in propose(OLD, [ill, away])] == ["kit-0004", "kit-0002"]


def test_a_charged_spare_is_better_than_an_empty_one() -> None:
    empty = replace(GOOD, kit="kit-0000", battery=10)
    assert propose(OLD, [empty, GOOD])[0].candidate == GOOD


def test_an_owning_municipality_gets_no_spare_of_another() -> None:
    old = replace(OLD, owner="municipality")
    theirs = replace(GOOD, owner="municipality", municipality="soder")
    assert not propose(old, [theirs])[0].usable
    assert propose(old, [replace(theirs, municipality="norr")])[0].usable


def test_a_kit_never_replaces_itself() -> None:
    assert propose(OLD, [OLD]) == []
