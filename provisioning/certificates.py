"""Certificates and revocation lists by RFC 5280, each kind in one place. Pure: keys and time are given."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning.names import Role, is_address

DAY: Final = timedelta(days=1)
LIFETIMES: Final = {Role.KIT: 730 * DAY, Role.SERVICE: 365 * DAY, Role.SERVER: 365 * DAY}
ROOT_LIFETIME: Final = 20 * 365 * DAY
ISSUER_LIFETIME: Final = 5 * 365 * DAY
CRL_LIFETIME: Final = 30 * DAY
SKEW: Final = timedelta(hours=1)
"""Certificates begin this much earlier, because a kit's clock may be slow."""

_PURPOSES: Final = {
    Role.KIT: ExtendedKeyUsageOID.CLIENT_AUTH,
    Role.SERVICE: ExtendedKeyUsageOID.CLIENT_AUTH,
    Role.SERVER: ExtendedKeyUsageOID.SERVER_AUTH,
}
_USES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class Issuer:
    """A certificate with its key: what signs."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = key


def root(name: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """A self-signed root that may have issuing authorities directly below it, and nothing further down."""
    subject = _name(name)
    builder = _builder(subject, subject, key.public_key(), now, ROOT_LIFETIME)
    return _authority(builder, 1).sign(key, hashes.SHA256())


def issuing(name: str, key: ec.EllipticCurvePublicKey, parent: Issuer, now: datetime) -> x509.Certificate:
    """An authority that issues to kits, services and servers, but to no further authority."""
    builder = _builder(_name(name), parent.certificate.subject, key, now, ISSUER_LIFETIME)
    builder = builder.add_extension(_key_identifier(parent), critical=False)
    return _authority(builder, 0).sign(parent.key, hashes.SHA256())


def leaf(
    role: Role,
    name: str,
    hosts: Iterable[str],
    key: ec.EllipticCurvePublicKey,
    issuer: Issuer,
    now: datetime,
) -> x509.Certificate:
    """For one end: ``name`` is its common name; ``hosts`` the DNS names and addresses of a server."""
    builder = _builder(_name(name), issuer.certificate.subject, key, now, LIFETIMES[role])
    builder = (
        builder.add_extension(_key_identifier(issuer), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_PURPOSES[role]]), critical=False)
    )
    alternatives = [_alternative(host) for host in hosts]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(issuer.key, hashes.SHA256())


def revocation_list(
    revoked: Iterable[tuple[int, datetime]], number: int, issuer: Issuer, now: datetime
) -> x509.CertificateRevocationList:
    """All revoked serial numbers with when; valid for ``CRL_LIFETIME``."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - SKEW)
        .next_update(now + CRL_LIFETIME)
        .add_extension(_key_identifier(issuer), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256())


def hosts_of(certificate: x509.Certificate) -> set[str]:
    """The DNS names and addresses that a server's certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _authority(builder: x509.CertificateBuilder, levels_below: int) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=levels_below)
    return builder.add_extension(constraints, critical=True).add_extension(
        _key_usage("key_cert_sign", "crl_sign"), critical=True
    )


def _key_usage(*uses: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in uses for use in _USES})


def _key_identifier(issuer: Issuer) -> x509.AuthorityKeyIdentifier:
    own = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alternative(host: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(host)) if is_address(host) else x509.DNSName(host)
