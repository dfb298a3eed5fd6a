"""What staff touched that is not the visit's own: pages, panels, switches, fault reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

from fleet.contract.links import looks_personal
from kit.agent import call as calls
from kit.agent import sharing
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc import portal, wifi
from kit.ipc.call import PresentSource
from kit.ipc.state import Page, Panel
from kit.visit.model import Refusal, Step

if TYPE_CHECKING:
    from kit.agent.agent import Agent


class Touches:
    """Handlers by command."""

    def __init__(self, agent: Agent) -> None:
        """``agent`` is whose state changes."""
        self._agent = agent
        self._handlers: dict[type, Callable[[Any], None]] = {
            cmd.Open: self._open,
            cmd.OpenPanel: self._open_panel,
            cmd.SubmitInvitation: agent.entrance.submit,
            cmd.ChooseMeeting: agent.entrance.choose,
            cmd.JoinEcho: agent.entrance.join_echo,
            cmd.JoinTestRoom: agent.entrance.join_test_room,
            cmd.CallContact: agent.entrance.call_contact,
            cmd.Introduce: self._introduce,
            cmd.Mute: self._mute,
            cmd.CameraOff: self._camera_off,
            cmd.ShowSelfView: self._show_self_view,
            cmd.VoiceByPhone: self._voice_by_phone,
            cmd.SendChat: self._send_chat,
            cmd.PinPicture: lambda command: self._agent.hub.order(ng.PinPicture(command.uuid)),
            cmd.RaiseHand: lambda command: self._agent.hub.order(ng.RaiseHand(command.on)),
            cmd.ShowCaptions: self._show_captions,
            cmd.Aim: self._aim,
            cmd.TakeStill: self._take_still,
            cmd.Present: self._present,
            cmd.SetLanguage: self._set_language,
            cmd.ReportFault: self._report_fault,
            cmd.Dismiss: self._dismiss,
            cmd.TestLink: agent.link.begin,
            cmd.StopLinkTest: agent.link.stop,
            **dict.fromkeys(get_args(wifi.WifiCommand), agent.wifi.touched),
            portal.ChoosePortal: agent.portal.choose,
            portal.PortalBack: agent.portal.back,
            portal.RetryPortal: agent.portal.retry,
            portal.PressPortal: agent.portal.press,
            portal.PlacePortal: agent.portal.place,
        }

    def handle(self, command: cmd.Command) -> None:
        """Do what was touched."""
        self._handlers[type(command)](command)

    def _open(self, command: cmd.Open) -> None:
        self._agent.page = command.page
        self._agent.entrance.open(command.page)
        self._agent.refused = None

    def _open_panel(self, command: cmd.OpenPanel) -> None:
        if not sharing.stays_open(command.panel, self._agent.book):
            return
        self._agent.panel = command.panel
        if command.panel is Panel.CHAT:
            self._agent.book = calls.chat_read(self._agent.book)
        if command.panel is Panel.SHARE:
            still = self._agent.config.policy.still_pictures
            self._aim(cmd.Aim(PresentSource.STILL if still else PresentSource.SECOND_CAMERA))

    def _introduce(self, command: cmd.Introduce) -> None:
        if self._agent.visit.step is Step.IDLE:
            # A touch that crossed with the end of the visit: nothing of it stays.
            return
        if any(looks_personal(word) for word in command.name.split()):
            self._agent.refuse(Refusal.CODE_PERSONAL)
        else:
            self._agent.book = calls.introduced(self._agent.book, command.name)

    def _mute(self, command: cmd.Mute) -> None:
        self._agent.book = calls.switched(self._agent.book, muted=command.muted)
        self._agent.hub.order(ng.Mute(command.muted))

    def _camera_off(self, command: cmd.CameraOff) -> None:
        self._agent.book = calls.switched(self._agent.book, camera_off=command.off)
        self._agent.hub.order(ng.CameraOff(command.off))

    def _show_self_view(self, command: cmd.ShowSelfView) -> None:
        self._agent.book = calls.self_view(self._agent.book, shown=command.shown)

    def _voice_by_phone(self, command: cmd.VoiceByPhone) -> None:
        self._agent.book = calls.voice_by_phone(self._agent.book, on=command.on)
        self._agent.hub.order(ng.Mute(self._agent.book.shown.muted))
        self._agent.hub.order(ng.SpeakerOff(command.on))

    def _send_chat(self, command: cmd.SendChat) -> None:
        self._agent.book = calls.written(self._agent.book, command.text, self._agent.wall())
        self._agent.hub.order(ng.SendChat(self._agent.book.sent, command.text))

    def _show_captions(self, command: cmd.ShowCaptions) -> None:
        self._agent.book = calls.captioned(self._agent.book, on=command.on)
        self._agent.hub.order(ng.ShowCaptions(command.on))

    def _aim(self, command: cmd.Aim) -> None:
        if sharing.may_show(self._agent.book, command.source, self._agent.config.policy):
            self._agent.book = sharing.aimed(self._agent.book, command.source)
            self._agent.hub.order(ng.Aim(command.source))

    def _take_still(self, _command: cmd.TakeStill) -> None:
        if self._agent.book.shown.aim is PresentSource.STILL:
            self._agent.book = sharing.taking(self._agent.book)
            self._agent.hub.order(ng.TakeStill())

    def _present(self, command: cmd.Present) -> None:
        book, source = self._agent.book, command.source
        if source is PresentSource.NONE:
            self._agent.book = sharing.stopped(book)
        elif sharing.has(book, source) and sharing.may_show(book, source, self._agent.config.policy):
            self._agent.book = sharing.asked(book, source)
        else:
            return
        self._agent.hub.order(ng.Present(source))

    def _set_language(self, command: cmd.SetLanguage) -> None:
        self._agent.language = command.language

    def _report_fault(self, command: cmd.ReportFault) -> None:
        self._agent.chore(self._keep_fault(command))
        if self._agent.visit.step is Step.IDLE:
            self._agent.page = Page.FAULT

    async def _keep_fault(self, command: cmd.ReportFault) -> None:
        local_id = await self._agent.reporter.report_fault(command.category, command.text)
        self._agent.own_fault = (local_id, command.category)
        self._agent.publish()

    def _dismiss(self, _command: cmd.Dismiss) -> None:
        if self._agent.refused is not None:
            self._agent.refused = None
        else:
            self._agent.seen_take_over()
