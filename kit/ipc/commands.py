"""What the screen sends to the agent: what was touched."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kit.ipc import wifi
from kit.ipc.call import PresentSource
from kit.ipc.portal import ChoosePortal, PlacePortal, PortalBack, PressPortal, RetryPortal
from kit.ipc.state import FaultCategory, Language, Page, Panel
from kit.visit import events as visit


class Open(Struct, frozen=True, tag=True):
    """Show a page of the start screen."""

    page: Page


class OpenPanel(Struct, frozen=True, tag=True):
    """Show or close (``NONE``) what lies over the call."""

    panel: Panel


class SubmitInvitation(Struct, frozen=True, tag=True):
    """What was typed or read: an invitation link, or the code of a room at the region's own host."""

    text: Annotated[str, Meta(max_length=12_000)]


class ChooseMeeting(Struct, frozen=True, tag=True):
    """One of today's meetings, by its number in the snapshot."""

    number: Annotated[int, Meta(ge=0, le=99)]


class JoinEcho(Struct, frozen=True, tag=True):
    """The region's echo room: hear and see oneself."""


class CallContact(Struct, frozen=True, tag=True):
    """Reach somebody at once, by the number in the snapshot's ``contacts``."""

    number: Annotated[int, Meta(ge=0, le=3)]


class TakeStill(Struct, frozen=True, tag=True):
    """Take a still picture, in the place of one that was taken before."""


class Aim(Struct, frozen=True, tag=True):
    """Look at what could be shown; a still picture that was taken is forgotten. NONE ends it."""

    source: PresentSource


class JoinTestRoom(Struct, frozen=True, tag=True):
    """The region's test room: try with somebody else, before a visit."""


class Introduce(Struct, frozen=True, tag=True):
    """Name and profession of who is there, for the others' list of participants; empty: the unit's name."""

    name: Annotated[str, Meta(max_length=80)]


class Mute(Struct, frozen=True, tag=True):
    """Microphone off or on."""

    muted: bool


class CameraOff(Struct, frozen=True, tag=True):
    """Camera off or on."""

    off: bool


class ShowSelfView(Struct, frozen=True, tag=True):
    """Own picture shown or hidden."""

    shown: bool


class VoiceByPhone(Struct, frozen=True, tag=True):
    """ "Video utan ljud" on or off."""

    on: bool


class SendChat(Struct, frozen=True, tag=True):
    """A chat message to everybody."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class PinPicture(Struct, frozen=True, tag=True):
    """See this participant large, whoever speaks; empty: the one who speaks again."""

    uuid: Annotated[str, Meta(max_length=64)]


class RaiseHand(Struct, frozen=True, tag=True):
    """Ask to speak, or no longer."""

    on: bool


class ShowCaptions(Struct, frozen=True, tag=True):
    """What is said in writing, or not."""

    on: bool


class Present(Struct, frozen=True, tag=True):
    """Show the others this; NONE ends it."""

    source: PresentSource


class TestLink(Struct, frozen=True, tag=True):
    """Try whether the link in use holds for a meeting: ten seconds of real media."""

    __test__ = False


class StopLinkTest(Struct, frozen=True, tag=True):
    """The link test is not waited for any longer, or its outcome has been read."""


class SetLanguage(Struct, frozen=True, tag=True):
    """Language of the screen."""

    language: Language


class ReportFault(Struct, frozen=True, tag=True):
    """A fault report; the agent adds the facts."""

    category: FaultCategory
    text: Annotated[str, Meta(max_length=200)] = ""


class Dismiss(Struct, frozen=True, tag=True):
    """The shown refusal or take-over has been read."""


Command = (
    Open
    | OpenPanel
    | SubmitInvitation
    | ChooseMeeting
    | JoinEcho
    | JoinTestRoom
    | CallContact
    | TakeStill
    | Aim
    | Introduce
    | Mute
    | CameraOff
    | ShowSelfView
    | VoiceByPhone
    | SendChat
    | PinPicture
    | RaiseHand
    | ShowCaptions
    | Present
    | SetLanguage
    | ReportFault
    | Dismiss
    | TestLink
    | StopLinkTest
    | wifi.BeginWifi
    | wifi.AnswerWifi
    | wifi.ScanWifi
    | wifi.ChooseWifi
    | wifi.TypeWifiName
    | wifi.ReadWifiCode
    | wifi.EnterWifiKey
    | wifi.BackWifi
    | wifi.CloseWifi
    | wifi.RemoveWifiNow
    | ChoosePortal
    | PortalBack
    | RetryPortal
    | PressPortal
    | PlacePortal
    | visit.StartCheck
    | visit.RunCheck
    | visit.AnswerCheck
    | visit.Proceed
    | visit.Confirm
    | visit.SetRelatives
    | visit.EnterPin
    | visit.EnterExtension
    | visit.ChooseLogin
    | visit.AnswerCall
    | visit.DeclineCall
    | visit.HangUp
    | visit.Resume
    | visit.ShowAgenda
    | visit.Rate
    | visit.DoneHygiene
    | visit.DonePacking
    | visit.NextTidy
    | visit.BackTidy
)
