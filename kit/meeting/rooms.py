"""Rooms of every kind are made here."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable

from kit.config import Relay
from kit.meeting.janus.room import JanusRoom
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import IceServers, Room, RoomEvent, TurnServer
from kit.visit.model import Invitation, Refusal, Service


def make_room(
    invitation: Invitation,
    display_name: str,
    tls: ssl.SSLContext,
    emit: Callable[[RoomEvent], None],
    servers: IceServers,
) -> Room:
    """Return the room that an invitation leads to; ``emit`` is called from the event loop.

    ``servers`` are for services that name none themselves. ValueError for a portal: it is no room of ours.
    """
    match invitation.service:
        case Service.PEXIP:
            return PexipRoom(invitation, display_name, tls, emit)
        case Service.JANUS:
            return JanusRoom(invitation, display_name, tls, emit, servers)
        case Service.PORTAL:
            raise ValueError(Refusal.LINK_SCHEME)


def read_relays(relays: Iterable[Relay]) -> IceServers:
    """Return the configured relays with their credentials; reads files, so not in the event loop. OSError."""
    return IceServers(
        turn=tuple(
            TurnServer(relay.urls, relay.username, relay.credential_file.read_text("utf-8").strip())
            for relay in relays
        )
    )
