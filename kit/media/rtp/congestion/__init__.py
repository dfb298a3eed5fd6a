"""Send-side bandwidth estimation: Google congestion control (draft-ietf-rmcat-gcc-02) as libwebrtc has it.

Sans-io: seconds of a monotonic clock come in as ``now``; rates are bit/s and count what the link carries.
"""
