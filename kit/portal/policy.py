"""Chromium's managed policy for one portal.

Names and meanings: chromeenterprise.google/policies. Managed policy is above every switch, setting and page;
Chromium reads it from ``/etc/chromium/policies/managed`` and nowhere else.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from kit.portal.site import Portal

BLOCK: Final = 2
"""The value of a ``Default…Setting`` that refuses without asking."""

_NOTHING_KEPT: Final[dict[str, Any]] = {
    "AutofillAddressEnabled": False,
    "AutofillCreditCardEnabled": False,
    "BrowserAddPersonEnabled": False,
    "BrowserGuestModeEnabled": False,
    "BrowserSignin": 0,
    "DiskCacheSize": 1,
    "EditBookmarksEnabled": False,
    "ForceEphemeralProfiles": True,
    "IncognitoModeAvailability": 1,
    "PasswordManagerEnabled": False,
    "PaymentMethodQueryEnabled": False,
    "SavingBrowserHistoryDisabled": True,
    "SyncDisabled": True,
}

_NO_WAY_OUT: Final[dict[str, Any]] = {
    "AllowFileSelectionDialogs": False,
    "BlockExternalExtensions": True,
    "BookmarkBarEnabled": False,
    "DefaultSearchProviderEnabled": False,
    "DesktopSharingHubEnabled": False,
    "DeveloperToolsAvailability": 2,
    "DownloadRestrictions": 3,
    "EnableMediaRouter": False,
    "ExtensionInstallBlocklist": ["*"],
    "FullscreenAllowed": False,
    "GenAiDefaultSettings": 2,
    "PrintingEnabled": False,
    "QRCodeGeneratorEnabled": False,
    "SSLErrorOverrideAllowed": False,
    "ScreenCaptureAllowed": False,
    "TaskManagerEndProcessEnabled": False,
    "TranslateEnabled": False,
}

_NOTHING_ASKED: Final[dict[str, Any]] = {
    "AudioCaptureAllowed": False,
    "DefaultClipboardSetting": BLOCK,
    "DefaultFileSystemReadGuardSetting": BLOCK,
    "DefaultFileSystemWriteGuardSetting": BLOCK,
    "DefaultGeolocationSetting": BLOCK,
    "DefaultInsecureContentSetting": BLOCK,
    "DefaultLocalFontsSetting": BLOCK,
    "DefaultNotificationsSetting": BLOCK,
    "DefaultPopupsSetting": BLOCK,
    "DefaultSensorsSetting": BLOCK,
    "DefaultSerialGuardSetting": BLOCK,
    "DefaultWebBluetoothGuardSetting": BLOCK,
    "DefaultWebHidGuardSetting": BLOCK,
    "DefaultWebUsbGuardSetting": BLOCK,
    "DefaultWindowManagementSetting": BLOCK,
    "VideoCaptureAllowed": False,
}

_NOBODY_TOLD: Final[dict[str, Any]] = {
    "AllowDinosaurEasterEgg": False,
    "AlternateErrorPagesEnabled": False,
    "BackgroundModeEnabled": False,
    "ComponentUpdatesEnabled": False,
    "DefaultBrowserSettingEnabled": False,
    "DnsOverHttpsMode": "off",
    "DomainReliabilityAllowed": False,
    "MetricsReportingEnabled": False,
    "NetworkPredictionOptions": 2,
    "PromotionsEnabled": False,
    "SafeBrowsingProtectionLevel": 0,
    "SearchSuggestEnabled": False,
    "SpellCheckServiceEnabled": False,
    "UserFeedbackAllowed": False,
    "WebRtcIPHandling": "default_public_and_private_interfaces",
}


def managed(portal: Portal, authorities: Sequence[bytes] = ()) -> bytes:
    """The policy as JSON. ``authorities`` (DER) are trusted beside the system's."""
    origins = [f"{scheme}://{host}:{port}" for scheme, host, port in portal.endpoints()]
    # A host matches its subdomains too, unless a dot stands before it.
    exact = [f"{scheme}://.{host}:{port}" for scheme, host, port in portal.endpoints()]
    policy = {
        **_NOTHING_KEPT,
        **_NO_WAY_OUT,
        **_NOTHING_ASKED,
        **_NOBODY_TOLD,
        "AudioCaptureAllowedUrls": origins,
        "AutoplayAllowed": True,
        "URLAllowlist": exact,
        "URLBlocklist": ["*"],
        "VideoCaptureAllowedUrls": origins,
    }
    if authorities:
        policy["CACertificates"] = [base64.b64encode(der).decode() for der in authorities]
    return msgspec.json.encode(policy)


def authorities_of(pem: str) -> tuple[bytes, ...]:
    """The certificates of a PEM file, as DER; ValueError when it holds something else."""
    end = "-----END CERTIFICATE-----"
    blocks = [block[block.index("-----BEGIN") :] + end for block in pem.split(end)[:-1]]
    return tuple(ssl.PEM_cert_to_DER_cert(block) for block in blocks)
