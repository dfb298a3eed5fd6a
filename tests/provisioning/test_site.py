"""A region in a folder can be set up again and again."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from provisioning.broker import access_rules
from provisioning.site import Identity, Site


def serial(identity: Identity) -> int:
    return x509.load_pem_x509_certificate(identity.certificate.read_bytes()).serial_number


def test_a_second_run_keeps_what_is_valid(tmp_path: Path) -> None:
    first, second = Site(tmp_path), Site(tmp_path)
    assert serial(first.kit("kit-0001")) == serial(second.kit("kit-0001"))
    assert first.broker(8883) == second.broker(8883)
    assert serial(first.server("web")) == serial(second.server("web"))


def test_what_soon_expires_is_renewed_with_a_new_key(tmp_path: Path) -> None:
    then = Site(tmp_path, clock=lambda: datetime.now(UTC) - timedelta(days=725)).kit("kit-0001")
    old_serial, old_key = serial(then), then.key.read_bytes()
    now = Site(tmp_path).kit("kit-0001")
    assert serial(now) != old_serial
    assert now.key.read_bytes() != old_key


def test_a_revocation_list_that_soon_expires_is_renewed(tmp_path: Path) -> None:
    Site(tmp_path, clock=lambda: datetime.now(UTC) - timedelta(days=29))
    assert Site(tmp_path).authority.crl_expires() > datetime.now(UTC) + timedelta(days=29)


def test_a_server_that_is_reached_otherwise_gets_another_certificate(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert serial(site.server("web", ("localhost",))) != serial(site.server("web", ("web.example",)))


def test_each_end_has_its_own_folder_with_a_private_key(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.service("fleet-ingest")
    kit = site.kit("kit-0001")
    assert {path.name for path in kit.key.parent.iterdir()} == {"ca.pem", "certificate.pem", "key.pem"}
    for key in tmp_path.rglob("*key*"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_locked_out_are_denied_before_they_are_allowed(tmp_path: Path) -> None:
    rules = access_rules(["kit-0009"])
    assert "user kit-0009\ntopic deny kits/kit-0009/#" in rules
    assert rules.index("deny") < rules.index("pattern")
