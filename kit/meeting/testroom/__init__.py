"""A meeting room that speaks Pexip's client API v2: for training, for tests, for the demo.

Whoever joins gets one composed picture of the others and the mix of their sound, as from a transcoding node.
"""

from kit.meeting.testroom.config import Config, Limits, PictureConfig, RoomConfig, default_config, load
from kit.meeting.testroom.server import TestRoomServer, Tls

__all__ = [
    "Config",
    "Limits",
    "PictureConfig",
    "RoomConfig",
    "TestRoomServer",
    "Tls",
    "default_config",
    "load",
]
