"""Who gets a certificate, for what, and how it is taken back."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from hypothesis import given
from hypothesis import strategies as st

from provisioning import files
from provisioning.authority import Authority, RequestRefused, _proven_key, create
from provisioning.names import NameRefused, check_server, role_of_client

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(tmp_path: Path, clock: Clock) -> Authority:
    return create(tmp_path / "authority", "Region Exempel", clock)


def request_for(name: str) -> bytes:
    return files.request(ec.generate_private_key(ec.SECP256R1()), name)


def chain(pem: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem)


def policy(authority: Authority, at: datetime = NOW) -> PolicyBuilder:
    root = x509.load_pem_x509_certificate(authority.root_file.read_bytes())
    return PolicyBuilder().store(Store([root])).time(at)


def client_names(authority: Authority, pem: bytes, at: datetime = NOW) -> str:
    """The common name, once the chain is verified for a client up to the root."""
    leaf, issuer = chain(pem)
    verified = policy(authority, at).build_client_verifier().verify(leaf, [issuer])
    return verified.chain[0].subject.rfc4514_string()


def test_a_server_is_verified_by_the_root_alone(authority: Authority) -> None:
    pem = authority.issue_server(request_for("broker"), "broker", ("broker.example", "192.0.2.1"))
    leaf, issuer = chain(pem)
    verifier = policy(authority).build_server_verifier(x509.DNSName("broker.example"))
    assert len(verifier.verify(leaf, [issuer])) == 3
    with pytest.raises(VerificationError):
        policy(authority).build_server_verifier(x509.DNSName("other.example")).verify(leaf, [issuer])


def test_a_kits_certificate_names_the_kit_and_is_for_clients_only(authority: Authority) -> None:
    leaf, issuer = chain(authority.issue_client(request_for("kit-0007"), "kit-0007"))
    assert leaf.subject.rfc4514_string() == "CN=kit-0007"
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.ObjectIdentifier("1.3.6.1.5.5.7.3.2")]
    leaf.verify_directly_issued_by(issuer)


def test_the_issuer_cannot_make_further_authorities(authority: Authority) -> None:
    _, issuer = chain(authority.issue_client(request_for("kit-0007"), "kit-0007"))
    constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_private_keys_are_readable_by_their_owner_only(authority: Authority) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.folder.glob("*.key")}
    assert modes == {"root.key": 0o600, "issuer.key": 0o600}
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700


def test_an_authority_is_never_overwritten(authority: Authority) -> None:
    before = (authority.folder / "root.key").read_bytes()
    with pytest.raises(FileExistsError):
        create(authority.folder, "Region Exempel")
    assert (authority.folder / "root.key").read_bytes() == before


def test_certificates_are_issued_without_the_roots_key(authority: Authority) -> None:
    (authority.folder / "root.key").unlink()
    assert Authority(authority.folder).issue_client(request_for("kit-0007"), "kit-0007")


def test_a_request_for_another_name_is_refused(authority: Authority) -> None:
    with pytest.raises(RequestRefused, match="another name"):
        authority.issue_client(request_for("kit-0001"), "kit-0002")


def test_a_request_that_was_tampered_with_is_refused(authority: Authority) -> None:
    csr = x509.load_pem_x509_csr(request_for("kit-0001")).public_bytes(serialization.Encoding.DER)
    forged = csr.replace(b"kit-0001", b"kit-0002")
    pem = x509.load_der_x509_csr(forged).public_bytes(serialization.Encoding.PEM)
    with pytest.raises(RequestRefused, match="does not hold the key"):
        authority.issue_client(pem, "kit-0002")


def test_a_weaker_or_foreign_kind_of_key_is_refused(authority: Authority) -> None:
    with pytest.raises(RequestRefused, match="P-256"):
        authority.issue_client(files.request(ec.generate_private_key(ec.SECP192R1()), "kit-0001"), "kit-0001")


@given(st.binary(max_size=400))
def test_what_is_no_request_is_refused(rubbish: bytes) -> None:
    with pytest.raises(RequestRefused):
        _proven_key(b"-----BEGIN CERTIFICATE REQUEST-----\n" + rubbish, "kit-0001")


@pytest.mark.parametrize(
    "name", ["+", "#", "kit-0001/#", "kit-1", "kit-0001\n", "KIT-0001", "", "root", "fleet", "kit-00٠1"]
)
def test_names_that_would_be_wildcards_or_strangers_at_the_broker_are_refused(
    authority: Authority, name: str
) -> None:
    with pytest.raises(NameRefused):
        authority.issue_client(request_for("kit-0001"), name)


@given(st.text(max_size=30))
def test_a_name_is_a_client_only_when_it_is_safe_in_a_topic(name: str) -> None:
    try:
        role_of_client(name)
    except NameRefused:
        return
    assert name.isascii()
    assert not set(name) & set("+#/ \n$")


@pytest.mark.parametrize("host", ["*.example", "Broker.example", "a..b", "-a.example", "", "a b", "x" * 254])
def test_a_server_is_certified_for_plain_names_only(host: str) -> None:
    with pytest.raises(NameRefused):
        check_server((host,))


def test_revoking_takes_back_all_certificates_of_that_name(authority: Authority) -> None:
    for _ in range(2):
        authority.issue_client(request_for("kit-0001"), "kit-0001")
    other = chain(authority.issue_client(request_for("kit-0002"), "kit-0002"))[0]
    assert authority.revoke("kit-0001") == 2
    assert authority.revoke("kit-0001") == 0
    crl = x509.load_pem_x509_crl(authority.crl_file.read_bytes())
    assert len(crl) == 2
    assert crl.get_revoked_certificate_by_serial_number(other.serial_number) is None


def test_the_revocation_list_is_signed_numbered_and_renewed(authority: Authority, clock: Clock) -> None:
    _, issuer = chain(authority.issue_client(request_for("kit-0001"), "kit-0001"))
    first = x509.load_pem_x509_crl(authority.crl_file.read_bytes())
    clock.now += timedelta(days=20)
    authority.renew_crl()
    second = x509.load_pem_x509_crl(authority.crl_file.read_bytes())
    key = issuer.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert second.is_signature_valid(key)
    numbers = [
        crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for crl in (first, second)
    ]
    assert numbers[0] < numbers[1]
    assert authority.crl_expires() == NOW + timedelta(days=50)


def test_a_kit_is_locked_out_until_it_holds_a_valid_certificate_again(
    authority: Authority, clock: Clock
) -> None:
    authority.issue_client(request_for("kit-0001"), "kit-0001")
    authority.issue_server(request_for("web"), "web", ("web.example",))
    assert authority.locked_out() == []
    authority.revoke("kit-0001")
    authority.revoke("web")
    assert authority.locked_out() == ["kit-0001"]
    authority.issue_client(request_for("kit-0001"), "kit-0001")
    assert authority.locked_out() == []
    clock.now += timedelta(days=3 * 365)
    assert authority.locked_out() == ["kit-0001"]
