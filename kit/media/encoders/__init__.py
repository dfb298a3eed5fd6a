"""Video encoders behind one interface, and which of them this machine uses::

encoders = Encoders(state_dir)                 # remembers its choice in encoders.json
choices = encoders.choose(1280, 720)           # encodes for real; blocks, so not in the event loop
install(encoders)                              # for all streams that begin from now on
choices["H264"].name, choices["H264"].cost     # facts for health

encoder = open_encoder("H264")
encoder.encode(frame, rung, bitrate, now, keyframe=False)
"""

from kit.media.encoders.choice import EncoderChoice, Encoders, install, open_encoder
from kit.media.encoders.interface import Encoded, EncoderFailed, VideoEncoder
from kit.media.encoders.probe import Cost
from kit.media.encoders.scaling import fit

__all__ = [
    "Cost",
    "Encoded",
    "EncoderChoice",
    "EncoderFailed",
    "Encoders",
    "VideoEncoder",
    "fit",
    "install",
    "open_encoder",
]
