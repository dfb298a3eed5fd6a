"""A participant, and how it is written in the roster (Pexip client API v2, participant object)."""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """Roster spelling; in token answers a chair is ``HOST``."""

    CHAIR = "chair"
    GUEST = "guest"

    @property
    def in_token(self) -> str:
        """The same role as token answers spell it."""
        return "HOST" if self is Role.CHAIR else "GUEST"


class ServiceType(StrEnum):
    """Where a participant is."""

    WAITING_ROOM = "waiting_room"
    CONFERENCE = "conference"
    LECTURE = "lecture"


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """One participant; changes make a new one."""

    uuid: str
    display_name: str
    role: Role
    service_type: ServiceType
    start_time: float
    call_tag: str = ""
    overlay_text: str = ""
    supports_direct_chat: bool = True
    has_media: bool = False
    has_video: bool = False
    is_muted: bool = False
    is_client_muted: bool = False
    is_video_muted: bool = False
    is_presenting: bool = False
    rx_presentation: bool = True
    presentation_in_mix: bool = False
    buzz_time: float = 0
    show_live_captions: bool = False
    spotlight: float = 0

    @property
    def is_host(self) -> bool:
        """True for chairs."""
        return self.role is Role.CHAIR

    @property
    def is_waiting(self) -> bool:
        """True while not admitted."""
        return self.service_type is ServiceType.WAITING_ROOM

    @property
    def is_silent(self) -> bool:
        """Muted by itself or by a host."""
        return self.is_muted or self.is_client_muted


def row(participant: Participant, *, to_host: bool) -> dict[str, object]:
    """The roster object; guests are not told address, vendor and protocol."""
    p = participant
    return {
        "uuid": p.uuid,
        "api_url": f"/participants/{p.uuid}",
        "display_name": p.display_name,
        "overlay_text": p.overlay_text or p.display_name,
        "uri": p.display_name if to_host else "",
        "local_alias": "",
        "call_tag": p.call_tag if to_host else "",
        "vendor": "",
        "role": p.role.value,
        "service_type": p.service_type.value,
        "protocol": ("webrtc" if p.has_media else "api") if to_host else "",
        "call_direction": "in",
        "start_time": p.start_time,
        "last_spoken_time": 0,
        "encryption": "On" if p.has_media else "Off",
        **_media_state(p),
        **_abilities(p),
    }


def _media_state(p: Participant) -> dict[str, object]:
    return {
        "has_media": p.has_media,
        "is_muted": _yes(p.is_muted),
        "is_client_muted": p.is_client_muted,
        "is_video_muted": p.is_video_muted,
        "is_video_silent": False,
        "is_main_video_dropped_out": False,
        "is_audio_only_call": _yes(p.has_media and not p.has_video),
        "is_video_call": _yes(p.has_video),
        "is_presenting": _yes(p.is_presenting),
        "rx_presentation_policy": "ALLOW" if p.rx_presentation else "DENY",
        "needs_presentation_in_mix": p.presentation_in_mix,
        "buzz_time": p.buzz_time,
        "spotlight": p.spotlight,
        "can_receive_personal_mix": False,
        "receive_from_video_mix": {"mix_name": "main", "timestamp": 0},
    }


def _abilities(p: Participant) -> dict[str, object]:
    return {
        "presentation_supported": _yes(p.has_media),
        "mute_supported": "YES",
        "disconnect_supported": "YES",
        "transfer_supported": "YES",
        "fecc_supported": "NO",
        "supports_direct_chat": p.supports_direct_chat,
        "is_external": False,
        "external_node_uuid": "",
        "is_streaming_conference": False,
        "is_conjoined": False,
        "is_transferring": False,
        "is_idp_authenticated": False,
        "show_live_captions": p.show_live_captions,
    }


def _yes(value: bool) -> str:
    return "YES" if value else "NO"
