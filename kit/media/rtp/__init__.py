"""RTP of our own under aiortc: congestion control, pacing, retransmission, playout.

aiortc keeps ICE, DTLS, SRTP, SCTP and SDP. :func:`install` puts our sender, receiver and transport in the
places where its peer connection takes them from, and adds to what it offers: transport-wide congestion
control for all, and for sound in-band FEC, redundancy and repetition, which the other side is asked to send.
What our sender and receiver cannot code is no longer offered.
"""

from __future__ import annotations

import aioice.stun
import aiortc.codecs
import aiortc.rtcpeerconnection
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
)

from kit.media.rtp.edge import careful_stun, hasten
from kit.media.rtp.packet import ABS_SEND_TIME, PLAYOUT_DELAY, TRANSPORT_SEQUENCE
from kit.media.rtp.receiver import KitReceiver
from kit.media.rtp.sender import MEDIA_CODECS, KitSender
from kit.media.rtp.transport import KitTransport

__all__ = ["KitReceiver", "KitSender", "KitTransport", "install"]

_EXTENSIONS = {
    "audio": ((TRANSPORT_SEQUENCE, 5), (ABS_SEND_TIME, 3)),
    "video": ((TRANSPORT_SEQUENCE, 5), (ABS_SEND_TIME, 3), (PLAYOUT_DELAY, 6)),
}
_OPUS_PARAMETERS = {"minptime": "10", "useinbandfec": "1", "maxaveragebitrate": "24000"}
# Redundancy doubles what the other side spends on sound: at 32 kbit/s a narrow link would have nothing left.
_RED_TYPE = 63
_OFFERED = MEDIA_CODECS | {"red", "rtx"}


def install() -> None:
    """Let every peer connection made from now on in this process use ours. May be called again."""
    seam = vars(aiortc.rtcpeerconnection)
    seam["RTCRtpSender"], seam["RTCRtpReceiver"] = KitSender, KitReceiver
    seam["RTCDtlsTransport"] = KitTransport
    vars(aioice.stun)["parse_message"] = careful_stun
    hasten()
    for kind, extensions in aiortc.codecs.HEADER_EXTENSIONS.items():
        for uri, number in _EXTENSIONS[kind]:
            if all(known.uri != uri for known in extensions):
                extensions.append(RTCRtpHeaderExtensionParameters(id=number, uri=uri))
    for codecs in aiortc.codecs.CODECS.values():
        codecs[:] = [codec for codec in codecs if codec.name.lower() in _OFFERED]
    _offer_redundant_sound(aiortc.codecs.CODECS["audio"])
    for codecs in aiortc.codecs.CODECS.values():
        for codec in codecs:
            if not aiortc.codecs.is_rtx(codec) and all(f.type != "transport-cc" for f in codec.rtcpFeedback):
                codec.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))


def _offer_redundant_sound(codecs: list[RTCRtpCodecParameters]) -> None:
    opus = next(codec for codec in codecs if codec.name.lower() == "opus")
    opus.parameters.update(_OPUS_PARAMETERS)
    if all(feedback.type != "nack" for feedback in opus.rtcpFeedback):
        opus.rtcpFeedback.append(RTCRtcpFeedback(type="nack"))
    if any(codec.name.lower() == "red" for codec in codecs):
        return
    redundancy = RTCRtpCodecParameters(
        mimeType="audio/red",
        clockRate=opus.clockRate,
        channels=opus.channels,
        payloadType=_RED_TYPE,
        parameters={f"{opus.payloadType}/{opus.payloadType}": None},
    )
    codecs.insert(0, redundancy)
