"""The managed policy: every name is one that Chromium knows, and nothing is left open."""

import json
import re
from pathlib import Path

import pytest

from kit.portal.confinement import PROGRAM
from kit.portal.policy import authorities_of, managed
from kit.portal.site import Portal

PLACE = Portal(
    name="P",
    address="https://portal.example/",
    origins=("https://portal.example", "https://idp.example:8443"),
)
POLICY = json.loads(managed(PLACE))


def test_only_the_portals_origins_are_let_through_with_their_ports_and_no_subdomain() -> None:
    assert POLICY["URLBlocklist"] == ["*"]
    assert POLICY["URLAllowlist"] == ["https://.portal.example:443", "https://.idp.example:8443"]


def test_camera_and_microphone_are_for_those_origins_alone() -> None:
    origins = ["https://portal.example:443", "https://idp.example:8443"]
    assert POLICY["AudioCaptureAllowedUrls"] == POLICY["VideoCaptureAllowedUrls"] == origins
    assert POLICY["AudioCaptureAllowed"] is POLICY["VideoCaptureAllowed"] is False


def test_developer_tools_downloads_passwords_and_certificate_errors_have_no_way() -> None:
    assert POLICY["DeveloperToolsAvailability"] == 2
    assert POLICY["DownloadRestrictions"] == 3
    assert POLICY["PasswordManagerEnabled"] is False
    assert POLICY["SSLErrorOverrideAllowed"] is False


@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Debian's Chromium is not installed")
def test_chromium_knows_every_policy_by_name() -> None:
    names = [*POLICY, "CACertificates"]
    known = set(re.findall(rb"[A-Z][A-Za-z]{8,60}", Path(PROGRAM).read_bytes()))
    assert [name for name in names if name.encode() not in known] == []


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        authorities_of("-----BEGIN CERTIFICATE-----\nåäö\n-----END CERTIFICATE-----\n")
    assert authorities_of("") == ()
