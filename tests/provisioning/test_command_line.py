"""The command line does what a bench needs, and says in one line what it refuses."""

import sys
from pathlib import Path

import pytest
from cryptography import x509

from provisioning.__main__ import main


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["provisioning", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_from_nothing_to_a_brokers_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    authority, kit, broker = tmp_path / "authority", tmp_path / "kit", tmp_path / "broker"
    assert run(monkeypatch, "authority", "init", "--authority", authority, "--name", "Exempel") == 0
    assert run(monkeypatch, "request", "kit-0007", "--folder", kit) == 0
    assert run(monkeypatch, "request", "broker.example", "--folder", broker) == 0
    chain = kit / "certificate.pem"
    of_kit = ("--authority", authority, "--request", kit / "request.pem", "--out", chain)
    assert run(monkeypatch, "issue", "kit", "kit-0007", *of_kit) == 0
    assert len(x509.load_pem_x509_certificates(chain.read_bytes())) == 2
    of_broker = ("--authority", authority, "--request", broker / "request.pem", "--out", broker / "c.pem")
    assert run(monkeypatch, "issue", "server", "broker.example", *of_broker, "--host", "broker.example") == 0
    assert run(monkeypatch, "revoke", "kit-0007", "--authority", authority) == 0
    files = ("--certificate", broker / "c.pem", "--key", broker / "key.pem")
    assert run(monkeypatch, "broker", "config", "--authority", authority, "--out", broker, *files) == 0
    assert "topic deny kits/kit-0007/#" in (broker / "access.acl").read_text()
    assert run(monkeypatch, "authority", "status", "--authority", authority) == 0
    assert "kit-0007" in capsys.readouterr().out


def test_a_refusal_is_one_line_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = tmp_path / "authority"
    assert run(monkeypatch, "authority", "status", "--authority", authority) == 2
    run(monkeypatch, "authority", "init", "--authority", authority, "--name", "Exempel")
    assert run(monkeypatch, "authority", "init", "--authority", authority, "--name", "Exempel") == 2
    run(monkeypatch, "request", "kit-0007", "--folder", tmp_path)
    words = ("--authority", authority, "--request", tmp_path / "request.pem", "--out", tmp_path / "out.pem")
    assert run(monkeypatch, "issue", "kit", "kit-0008", *words) == 2
    assert not (tmp_path / "out.pem").exists()
    assert capsys.readouterr().err.count("\n") == 3
