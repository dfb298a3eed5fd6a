"""What staff can do about a call that goes badly, from its measured quality and its link. Pure.

The limits are where people notice. EN 301 549 asks for 20 pictures a second; below 10 lips cannot be read.
ITU-T G.114 calls 400 ms of one-way delay unacceptable, so that 500 ms for both ways is felt.
"""

from kit.ipc.call import Limitation, Quality
from kit.ipc.network import Signal, Uplink, UplinkState
from kit.ipc.state import Network
from kit.ui.catalogue import N_

_LOST_PERCENT = 5.0
_CONCEALED_PERCENT = 5.0
_FEWEST_FPS = 10.0
_ROUND_TRIP_MS = 500.0
_NARROW_KBPS = 350.0
"""Below it the sent picture has a quarter of its lines."""

SOUND_ONLY = N_("Bara ljud just nu – nätet är för svagt för bild.")
THEIR_PICTURES_REST = N_("Nätet är för svagt för de andras bild – ljudet går före.")
NARROW = N_("Nätet är svagt – bilden kan hacka, ljudet går före.")
LOSSY = N_("Uppkopplingen är svag.")
SOUND = N_("Ljudet hackar. Prata en i taget.")
OUR_PICTURE = N_("Er bild hackar hos de andra.")
THEIR_PICTURE = N_("Bilden hackar, men ljudet fungerar. Ni kan fortsätta.")
DELAY = N_("Ljudet är fördröjt. Vänta lite innan ni svarar.")
WEAK = N_("Signalen är svag.")
NEAR_WINDOW = N_("Ställ enheten närmare ett fönster.")
NEAR_ROUTER = N_("Ställ enheten närmare routern.")
CHECK_CABLE = N_("Kontrollera att nätverkskabeln sitter i.")

_MOVES = {Uplink.CABLE: CHECK_CABLE, Uplink.CARE_WIFI: NEAR_ROUTER, Uplink.PATIENT_WIFI: NEAR_ROUTER}
"""What helps depends on what carries the call."""
_HELPED = frozenset({LOSSY, SOUND, OUR_PICTURE, WEAK})
"""Troubles that a better link ends."""


def advice(quality: Quality, network: Network) -> tuple[str, ...]:
    """Return what is wrong and what to do, as texts of the catalogue: the gravest; none while all is well."""
    trouble = _trouble(quality) or (WEAK if _is_weak(network) else "")
    if not trouble:
        return ()
    return (trouble, _MOVES.get(network.uplink, NEAR_WINDOW)) if trouble in _HELPED else (trouble,)


def _trouble(quality: Quality) -> str:
    if _above(quality.concealed_percent, _CONCEALED_PERCENT):
        return SOUND
    if quality.video_stopped:
        return SOUND_ONLY
    if quality.their_video_stopped:
        return THEIR_PICTURES_REST
    if _above(quality.packets_lost_percent, _LOST_PERCENT):
        return LOSSY
    if quality.limited_by is Limitation.BANDWIDTH and _below(quality.available_kbps, _NARROW_KBPS):
        return NARROW
    if _below(quality.send_fps, _FEWEST_FPS):
        return OUR_PICTURE
    if _below(quality.receive_fps, _FEWEST_FPS):
        return THEIR_PICTURE
    return DELAY if _above(quality.round_trip_ms, _ROUND_TRIP_MS) else ""


def _is_weak(network: Network) -> bool:
    used = [link for link in network.uplinks if link.state is UplinkState.IN_USE]
    return any(link.signal in (Signal.WEAK, Signal.NONE) for link in used)


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def _below(value: float | None, limit: float) -> bool:
    return value is not None and 0 < value < limit
