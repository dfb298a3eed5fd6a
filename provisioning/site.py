"""A whole region in one folder: authority, broker, and an identity for each kit, service and server.

What a real region does in several places, each key where it belongs, is done here in one, for the demo, for
tests and for a first try. Run again it keeps what is valid, and renews what soon is not.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from msgspec import Struct

from provisioning import broker, files
from provisioning.authority import Authority, create, utc_now
from provisioning.broker import Broker
from provisioning.certificates import hosts_of

RENEW_BEFORE: Final = timedelta(days=14)


class Identity(Struct, frozen=True, kw_only=True):
    """PEM files of one end: what it trusts, its certificate chain and its key."""

    ca: Path
    certificate: Path
    key: Path


class Site:
    """A region in a folder: ``authority/`` is the CA, ``broker/`` Mosquitto's; each end has its own."""

    def __init__(
        self, folder: Path, region: str = "Exempel", clock: Callable[[], datetime] = utc_now
    ) -> None:
        """Open, or create what is missing."""
        self._folder = folder.resolve()
        self._clock = clock
        self.authority = self._authority(region)

    def kit(self, name: str) -> Identity:
        """Identity of a kit, ``kit-0007``; what it needs and nothing else is below ``kits/kit-0007``."""
        return self._identity(Path("kits") / name, name, self.authority.issue_client)

    def service(self, name: str) -> Identity:
        """Identity of one of ``provisioning.names.SERVICES``."""
        return self._identity(Path("services") / name, name, self.authority.issue_client)

    def server(self, name: str, hosts: tuple[str, ...] = ("localhost", "127.0.0.1")) -> Identity:
        """Identity of a server that is reached by ``hosts``."""

        def issue(request: bytes, name: str) -> bytes:
            return self.authority.issue_server(request, name, hosts)

        return self._identity(Path("servers") / name, name, issue, hosts)

    def broker(self, port: int, host: str = "127.0.0.1", names: tuple[str, ...] = ("localhost",)) -> Broker:
        """Mosquitto at ``host``, known by ``names``, ready to be started with its ``config``."""
        identity = self.server("broker", tuple(dict.fromkeys((*names, host))))
        plan = Broker(
            folder=self._folder / "broker",
            host=host,
            port=port,
            root=identity.ca,
            certificate=identity.certificate,
            key=identity.key,
            user=getpass.getuser(),
        )
        broker.write(plan, self.authority.crl_file.read_bytes(), self.authority.locked_out())
        return plan

    def revoke(self, name: str, plan: Broker) -> None:
        """Lock a kit or service out. It takes effect at ``broker.reload(pid)``."""
        self.authority.revoke(name)
        broker.refresh(plan, self.authority.crl_file.read_bytes(), self.authority.locked_out())

    def _authority(self, region: str) -> Authority:
        folder = self._folder / "authority"
        if not (folder / "issuer.pem").exists():
            return create(folder, region, self._clock)
        authority = Authority(folder, self._clock)
        if authority.crl_expires() < self._clock() + RENEW_BEFORE:
            authority.renew_crl()
        return authority

    def _identity(
        self, below: Path, name: str, issue: Callable[[bytes, str], bytes], hosts: tuple[str, ...] = ()
    ) -> Identity:
        folder = self._folder / below
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity = Identity(
            ca=folder / "ca.pem", certificate=folder / "certificate.pem", key=folder / "key.pem"
        )
        if not self._serves(identity, hosts):
            # A new key each time: the old one may be why the certificate was revoked.
            identity.key.unlink(missing_ok=True)
            key = files.new_key(identity.key)
            files.write(identity.certificate, issue(files.request(key, name), name))
        files.write(identity.ca, self.authority.root_file.read_bytes())
        return identity

    def _serves(self, identity: Identity, hosts: tuple[str, ...]) -> bool:
        """Whether its certificate exists, is not revoked, is for these hosts, and lasts some time yet."""
        if not identity.certificate.exists() or not identity.key.exists():
            return False
        certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
        revoked = {entry.serial for entry in self.authority.entries() if entry.revoked is not None}
        lasts = certificate.not_valid_after_utc > self._clock() + RENEW_BEFORE
        return lasts and certificate.serial_number not in revoked and hosts_of(certificate) == set(hosts)
