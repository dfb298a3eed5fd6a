"""What the fleet decided is known at a start without network, without what opens a room."""

from pathlib import Path

from msgspec.structs import replace

from fleet.contract import Case, Desired, Meeting, SupportContact
from kit.health import kept

SUPPORT = SupportContact(name="Support", phone="08-465 004 10", hours="Vardagar", responsible="region")
DESIRED = Desired(
    version=4,
    unit_name="Enhet 07",
    municipality="Exempelkommun",
    agreement="owned",
    support=SUPPORT,
    meetings=[Meeting(id="1", title="SIP-möte", start=1, link="https://mote.example/m/rum", pin="4711")],
)
CASE = Case(number=7, state="received", since=5, handled_by=SUPPORT)


def test_what_was_saved_is_loaded_except_for_meetings(tmp_path: Path) -> None:
    assert kept.save(tmp_path / "state", DESIRED)
    assert kept.save(tmp_path / "state", CASE)
    assert kept.load_desired(tmp_path / "state") == replace(DESIRED, meetings=[])
    assert kept.load_case(tmp_path / "state") == CASE
    assert not any(b"4711" in path.read_bytes() for path in (tmp_path / "state").iterdir())


def test_nothing_kept_and_rubbish_kept_are_the_same(tmp_path: Path) -> None:
    assert kept.load_desired(tmp_path) is None
    (tmp_path / kept.DESIRED).write_bytes(b"{}")
    (tmp_path / kept.CASE).write_bytes(b"\xff")
    assert kept.load_desired(tmp_path) is None
    assert kept.load_case(tmp_path) is None


def test_a_disk_that_refuses_leaves_the_old_one(tmp_path: Path) -> None:
    kept.save(tmp_path, DESIRED)
    (tmp_path / kept.DESIRED).with_suffix(".new").mkdir()
    assert not kept.save(tmp_path, replace(DESIRED, version=5))
    loaded = kept.load_desired(tmp_path)
    assert loaded is not None
    assert loaded.version == 4
