"""Every test here leaves aiortc as it was."""

from tests.kit.media.rtp.seam import aiortc_as_it_was

__all__ = ["aiortc_as_it_was"]
