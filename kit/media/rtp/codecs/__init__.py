"""Payload formats (RFC 6184, 7741, 7587, 2198) and the encoders and decoders behind them."""
