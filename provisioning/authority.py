"""The region's own certificate authority: a root that can be taken off the machine, and an issuer below it.

Kits and services trust the root only, so that the issuer can be replaced without visiting a kit. Certificates
are made from signing requests: the authority never sees the key of a kit, a service or a server.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provisioning import certificates, files
from provisioning.certificates import Issuer
from provisioning.names import NameRefused, Role, check_server, role_of_client
from provisioning.registry import Entry, Registry

ROOT_KEY: Final = "root.key"
ROOT: Final = "root.pem"
ISSUER_KEY: Final = "issuer.key"
ISSUER: Final = "issuer.pem"
CRL: Final = "crl.pem"
REGISTRY: Final = "registry.db"


def utc_now() -> datetime:
    """The clock, in UTC."""
    return datetime.now(UTC)


class RequestRefused(ValueError):  # noqa: N818 - it names what is wrong
    """A signing request that must not be signed; the text does not repeat what is in it."""


class Authority:
    """An authority in a folder. Only the service that issues may read the folder."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = utc_now) -> None:
        """Open; FileNotFoundError when there is none yet (see :func:`create`)."""
        self.folder = folder
        self._clock = clock
        issuer = x509.load_pem_x509_certificate((folder / ISSUER).read_bytes())
        self._issuer = Issuer(issuer, files.read_key(folder / ISSUER_KEY))
        self._registry = Registry(folder / REGISTRY)

    @property
    def root_file(self) -> Path:
        """What everybody trusts."""
        return self.folder / ROOT

    @property
    def crl_file(self) -> Path:
        """The revocation list; the broker refuses everybody once it has expired."""
        return self.folder / CRL

    def issue_client(self, request: bytes, name: str) -> bytes:
        """PEM chain for a kit or a service, from its PEM signing request."""
        return self._issue(role_of_client(name), name, (), request)

    def issue_server(self, request: bytes, name: str, hosts: tuple[str, ...]) -> bytes:
        """PEM chain for a server that is reached by ``hosts``: DNS names and IP addresses."""
        check_server((name, *hosts))
        return self._issue(Role.SERVER, name, hosts or (name,), request)

    def revoke(self, name: str) -> int:
        """Revoke all certificates of that name and renew the list; how many were revoked."""
        revoked = self._registry.revoke(name, self._clock())
        self.renew_crl()
        return revoked

    def renew_crl(self) -> None:
        """Write the revocation list anew, valid for 30 days from now."""
        now = self._clock()
        number = self._registry.next_list_number(now)
        crl = certificates.revocation_list(self._registry.revoked(), number, self._issuer, now)
        files.write(self.crl_file, crl.public_bytes(serialization.Encoding.PEM))

    def crl_expires(self) -> datetime:
        """When the broker will begin to refuse everybody unless the list is renewed."""
        crl = x509.load_pem_x509_crl(self.crl_file.read_bytes())
        return crl.next_update_utc or datetime.min.replace(tzinfo=UTC)

    def entries(self) -> list[Entry]:
        """Everything that was issued."""
        return self._registry.entries()

    def locked_out(self) -> list[str]:
        """Kits and services that had a certificate revoked and hold no valid one."""
        return self._registry.locked_out(self._clock())

    def _issue(self, role: Role, name: str, hosts: tuple[str, ...], request: bytes) -> bytes:
        key = _proven_key(request, name)
        certificate = certificates.leaf(role, name, hosts, key, self._issuer, self._clock())
        self._registry.add(
            Entry(
                serial=certificate.serial_number,
                name=name,
                role=role,
                expires=certificate.not_valid_after_utc,
            )
        )
        return files.pem(certificate, self._issuer.certificate)


def create(folder: Path, name: str, clock: Callable[[], datetime] = utc_now) -> Authority:
    """A new authority; FileExistsError when there is one. Afterwards ``root.key`` can be kept offline.

    ``name`` is the region's, as it shall stand in the certificates: 1 to 40 characters.
    """
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise NameRefused("the authority's name has 1 to 40 printable characters")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    now = clock()
    root_key = files.new_key(folder / ROOT_KEY)
    root = certificates.root(f"{name} root", root_key, now)
    issuer_key = files.new_key(folder / ISSUER_KEY)
    issuer = certificates.issuing(f"{name} issuer", issuer_key.public_key(), Issuer(root, root_key), now)
    files.write(folder / ROOT, files.pem(root))
    files.write(folder / ISSUER, files.pem(issuer))
    authority = Authority(folder, clock)
    authority.renew_crl()
    return authority


def _proven_key(pem: bytes, name: str) -> ec.EllipticCurvePublicKey:
    """The request's P-256 key, once it is proven that the asker holds it and asks for that name."""
    try:
        request = x509.load_pem_x509_csr(pem)
        proven = request.is_signature_valid
        names = [attribute.value for attribute in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        key = request.public_key()
    except Exception as error:
        raise RequestRefused("not a signing request") from error
    if not proven:
        raise RequestRefused("the asker does not hold the key")
    if names != [name]:
        raise RequestRefused("the request is for another name")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise RequestRefused("the key is not on P-256")
    return key
