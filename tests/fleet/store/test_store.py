"""Migrations, transactions and the seed."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from fleet.contract import Desired, decode
from fleet.store import Store, agreements, outbox, seed
from fleet.store.migrate import upgrade
from fleet.store.tables import Base, Kit, Municipality, Outgoing, Support
from fleet.store.watch import Watch
from tests.fleet.samples import DAY, EXAMPLE, NOON, plant


def desired(store: Store, kit: str) -> Desired:
    with store.reading() as session:
        return decode(Desired, session.get_one(Outgoing, (kit, "cmd/desired")).payload)


def test_migrations_from_nothing_give_the_tables_of_the_code(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    upgrade(store)
    upgrade(store)
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    store.close()


def test_a_commit_survives_loss_of_power_by_the_databases_own_promise(store: Store) -> None:
    with store.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2


def test_what_is_done_before_an_exception_is_not_kept(store: Store) -> None:
    def rename() -> None:
        with store.writing() as session:
            session.get_one(Kit, "kit-0001").unit_name = "Enhet 99"
            raise LookupError

    with pytest.raises(LookupError):
        rename()
    with store.reading() as session:
        assert session.get_one(Kit, "kit-0001").unit_name == "Enhet 01"


def test_a_watch_notices_what_others_commit(store: Store) -> None:
    watch = Watch(store.url)
    assert watch.changed()
    assert not watch.changed()
    with store.writing() as session:
        session.get_one(Kit, "kit-0001").place = "Hemsjukvården Öst"
    assert watch.changed()
    assert not watch.changed()
    watch.close()


def test_the_kiosk_gets_the_number_of_who_is_responsible(store: Store) -> None:
    assert desired(store, "kit-0001").support.responsible == "region"
    assert desired(store, "kit-0003").support.phone == "031-390 06 20"


def test_seeding_again_changes_nothing_that_a_swap_may_have_moved(store: Store) -> None:
    with store.writing() as session:
        session.get_one(Kit, "kit-0001").unit_name = "Enhet 77"
    plant(store)
    assert desired(store, "kit-0001").unit_name == "Enhet 77"
    assert desired(store, "kit-0002").version == 1


def test_seeding_again_brings_contacts_up_to_date(store: Store, tmp_path: Path) -> None:
    changed = tmp_path / "fleet.toml"
    changed.write_text(
        EXAMPLE.read_text(encoding="utf-8").replace("08-465 004 10", "08-465 004 11"), encoding="utf-8"
    )
    with store.writing() as session:
        seed.plant(session, seed.load(changed), today=DAY, now=NOON)
    assert desired(store, "kit-0001").support.phone == "08-465 004 11"
    assert desired(store, "kit-0001").version == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (('id = "kit-0002"', 'id = "kit-2"'), "kit-"),
        (('municipality = "soder"', 'municipality = "vaster"'), "vaster"),
        (('agreement = "owned"', 'agreement = "leased"'), "leased"),
        (('serial = "SK-0003"', 'colour = "blue"'), "colour"),
    ],
)
def test_a_seed_file_that_does_not_hold_together_says_where(
    wrong: tuple[str, str], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "fleet.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8").replace(*wrong), encoding="utf-8")
    with pytest.raises(seed.SeedError, match=says):
        seed.load(path)


def test_only_what_has_changed_is_sent_again(store: Store) -> None:
    with store.writing() as session:
        waiting = outbox.unsent(session)
        outbox.mark_sent(session, waiting, NOON)
    assert {message.kit for message in waiting} == {"kit-0001", "kit-0002", "kit-0003"}
    with store.writing() as session:
        assert outbox.unsent(session) == []
        outbox.send_again(session)
        assert len(outbox.unsent(session)) == 3


def test_a_newer_message_written_while_the_old_one_flies_is_sent_too(store: Store) -> None:
    with store.writing() as session:
        flying = [message for message in outbox.unsent(session) if message.kit == "kit-0001"]
        row = session.get_one(Outgoing, ("kit-0001", "cmd/desired"))
        row.revision += 1
    with store.writing() as session:
        outbox.mark_sent(session, flying, NOON)
        assert "kit-0001" in {message.kit for message in outbox.unsent(session)}


def test_a_change_of_agreement_today_reaches_the_kiosk(store: Store) -> None:
    with store.writing() as session:
        norr = session.get_one(Municipality, "norr")
        agreements.change(session, norr, "owned", DAY, today=DAY, who="test", now=NOON)
    told = desired(store, "kit-0001")
    assert (told.agreement, told.support.responsible, told.version) == ("owned", "municipality", 2)


def test_a_change_of_agreement_later_waits_for_its_day(store: Store) -> None:
    with store.writing() as session:
        norr = session.get_one(Municipality, "norr")
        agreements.change(session, norr, "owned", date(2027, 1, 1), today=DAY, who="test", now=NOON)
        assert norr.agreement == "rental"
        assert agreements.enforce(session, date(2026, 12, 31), NOON) == 0
        assert agreements.enforce(session, date(2027, 1, 1), NOON) == 1
    assert desired(store, "kit-0001").agreement == "owned"


def test_support_is_kept_once_for_each_body(store: Store) -> None:
    with store.reading() as session:
        assert {row.body for row in session.query(Support)} == {"region", "norr", "soder"}


def test_programs_that_start_together_agree_on_who_migrates(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "fleet.store",
        "upgrade",
        "--database",
        f"sqlite:///{tmp_path / 'new.db'}",
    ]
    programs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [program.communicate(timeout=60)[1] for program in programs] == ["", "", ""]
    assert [program.returncode for program in programs] == [0, 0, 0]
