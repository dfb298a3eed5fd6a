"""What a room is, without network, media or clock: participants, tokens, admission, who is told what."""
