"""What staff can do about a call that goes badly, from its measured quality. Pure.

The limits are where people notice. EN 301 549 asks for 20 pictures a second; below 10 lips cannot be read.
ITU-T G.114 calls 400 ms of one-way delay unacceptable, so that 500 ms for both ways is felt.
"""

from kit.ipc.call import Limitation, Quality
from kit.ui.catalogue import N_

_LOST_PERCENT = 5.0
_CONCEALED_PERCENT = 5.0
_FEWEST_FPS = 10.0
_ROUND_TRIP_MS = 500.0
_NARROW_KBPS = 350.0
"""Below it the sent picture has a quarter of its lines."""

SOUND_ONLY = N_("Bara ljud just nu – nätet är för svagt för bild.")
NARROW = N_("Nätet är svagt – bilden kan hacka, ljudet går före.")
MOVE = N_("Uppkopplingen är svag. Ställ enheten närmare ett fönster.")
SOUND = N_("Ljudet hackar. Prata en i taget, och ställ enheten närmare ett fönster.")
OUR_PICTURE = N_("Er bild hackar hos de andra. Ställ enheten närmare ett fönster.")
THEIR_PICTURE = N_("Bilden hackar, men ljudet fungerar. Ni kan fortsätta.")
DELAY = N_("Ljudet är fördröjt. Vänta lite innan ni svarar.")


def advice(quality: Quality) -> str:
    """Return one sentence (a text of the catalogue), the gravest first; empty while all is well."""
    if _above(quality.concealed_percent, _CONCEALED_PERCENT):
        return SOUND
    if quality.video_stopped:
        return SOUND_ONLY
    if _above(quality.packets_lost_percent, _LOST_PERCENT):
        return MOVE
    if quality.limited_by is Limitation.BANDWIDTH and _below(quality.available_kbps, _NARROW_KBPS):
        return NARROW
    if _below(quality.send_fps, _FEWEST_FPS):
        return OUR_PICTURE
    if _below(quality.receive_fps, _FEWEST_FPS):
        return THEIR_PICTURE
    if _above(quality.round_trip_ms, _ROUND_TRIP_MS):
        return DELAY
    return ""


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def _below(value: float | None, limit: float) -> bool:
    return value is not None and 0 < value < limit
