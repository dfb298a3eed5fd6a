"""Rooms of every kind are made here."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence

from kit.config import KitConfig, Relay
from kit.meeting.janus.room import JanusRoom
from kit.meeting.login import BackendLogins, Logins
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import IceServers, Room, RoomEvent, TurnServer
from kit.visit.model import Invitation, Refusal, Service


def make_room(
    invitation: Invitation,
    display_name: str,
    tls: ssl.SSLContext,
    emit: Callable[[RoomEvent], None],
    servers: IceServers,
    *,
    allowed: Sequence[str] = (),
    logins: Logins | None = None,
) -> Room:
    """Return the room that an invitation leads to; ``emit`` is called from the event loop.

    ``servers`` are for services that name none themselves; ``allowed``: the region's hosts; ``logins``:
    where a login on a phone leads back to. ValueError for a portal: it is no room of ours.
    """
    match invitation.service:
        case Service.PEXIP:
            return PexipRoom(invitation, display_name, tls, emit, allowed=allowed, logins=logins)
        case Service.JANUS:
            return JanusRoom(invitation, display_name, tls, emit, servers)
        case Service.PORTAL:
            raise ValueError(Refusal.LINK_SCHEME)


def read_logins(config: KitConfig) -> Logins | None:
    """Return where logins lead back to, asked with the kit's own key; reads files. OSError or SSLError."""
    login, own = config.meeting.login, config.broker
    if login is None:
        return None
    tls = ssl.create_default_context(cafile=str(own.ca))
    tls.load_cert_chain(own.certificate, own.key)
    return BackendLogins(login.shown, login.collect, tls)


def read_relays(relays: Iterable[Relay]) -> IceServers:
    """Return the configured relays with their credentials; reads files, so not in the event loop. OSError."""
    return IceServers(
        turn=tuple(
            TurnServer(relay.urls, relay.username, relay.credential_file.read_text("utf-8").strip())
            for relay in relays
        )
    )
