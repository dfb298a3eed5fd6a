"""A 3GPP modem of software: AT commands in, answers out (3GPP TS 27.007), for the real ModemManager.

How it behaves is :class:`Behaviour`; each part of it may be changed while it runs. Where it is reached:
:mod:`tests.peers.network.at_ports`. The network is 3GPP's test network (001 01); card and number exist
nowhere.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Final, TypeAlias

IMEI: Final = "490154203237518"
IMSI: Final = "001010174060599"
ICCID: Final = "8900101740605990017"
NUMBER: Final = "+46701740605"
OPERATOR: Final = "Kanariefågel Mobil"
SECRETS: Final = (IMEI, IMSI, ICCID, NUMBER, OPERATOR)
"""What must be found in no log and no report."""

GSM, UMTS, LTE, NR = 0, 2, 7, 12
"""Access technologies of TS 27.007, 7.3; 12 is 5G beside 4G."""
SEARCHING, HOME, DENIED, ROAMING = 2, 1, 3, 5
"""Registrations of TS 27.007, 7.2."""
CONNECTED: Final = "CONNECT"
"""Begins what it says when data flows from then on."""
NOT_INSERTED: Final = "+CME ERROR: 10"
PIN_REQUIRED: Final = "+CME ERROR: 11"
PUK_REQUIRED: Final = "+CME ERROR: 12"
INCORRECT: Final = "+CME ERROR: 16"


@dataclass
class Behaviour:
    """Everything that differs from modem to modem, card to card and place to place."""

    card: bool = True
    """Whether one is inserted."""
    pin: str = ""
    """What it asks for; empty: nothing."""
    pin_tries: int = 3
    counts_tries: bool = True
    """Whether the modem tells how many are left."""
    unlocked: bool = False
    iccid: str = ICCID
    registration: int = HOME
    technology: int = LTE
    operator: str = OPERATOR
    csq: int = 20
    """0 to 31, 99 for unknown."""
    rsrp: int = -90
    """dBm of 4G, -140 to -44; beyond that the modem says that it does not know."""
    on: bool = False
    """Whether the radio is."""
    pin_given: int = 0
    """How often a PIN was tried: told, not set, as is the next."""
    dialled: int = 0
    """How often data was called for."""

    @property
    def lock(self) -> str:
        """What the card waits for, in the words of +CPIN."""
        if self.pin_tries <= 0:
            return "SIM PUK"
        return "SIM PIN" if self.pin and not self.unlocked else "READY"

    @property
    def registered(self) -> int:
        """A registration needs the radio and an open card."""
        return self.registration if self.on and self.card and self.lock == "READY" else 0


Change: TypeAlias = dict[str, str | int | bool]
_FIXED: Final = {
    **dict.fromkeys(("", "E0", "E1", "V1", "+CMEE=1", "X4", "&C1", "Z", "&F", "H", "+CLAC"), ""),
    "I": "Manufacturer: Testbolaget\r\nModel: AT\r\nRevision: 1.0",
    "+GCAP": "+GCAP: +CGSM,+DS,+ES",
    "+CFUN=?": "+CFUN: (0,1,4),(0,1)",
    "+CSCS=?": '+CSCS: ("IRA","UCS2","GSM")',
    "+CSCS?": '+CSCS: "UCS2"',
    "+CREG=?": "+CREG: (0-2)",
    "+CGREG=?": "+CGREG: (0-2)",
    "+CEREG=?": "+CEREG: (0-2)",
    "+WS46=?": "+WS46: (12,22,25,28,29,31)",
    "+WS46?": "+WS46: 31",
    "+CGDCONT=?": "\r\n".join(
        f'+CGDCONT: (1-16),"{kind}",,,(0,1),(0,1)' for kind in ("IP", "IPV6", "IPV4V6")
    ),
    "+CGACT?": "+CGACT: 1,0",
    "+CLCK=?": '+CLCK: ("SC","AO","FD","PN")',
    "+CGATT?": "+CGATT: 1",
    "+CUSD=?": "+CUSD: (0-2)",
    "+IFC=?": "+IFC: (0-2),(0-2)",
    "+CESQ=?": "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-34,255),(0-34,255),(0-97,255)",
    "+CMGF=?": "+CMGF: (0,1)",
    "+CPMS=?": '+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")',
}
_ACCEPTED: Final = re.compile(
    r"\+(CREG|CGREG|CEREG|CSCS|CGACT|CGATT|CMGF|CNMI|CPMS|IFC|CRC|CLIP|CUSD|WS46|CGEREP|CMER|COPS=0)\b.*"
)
_TRIES: Final = {"0020000100": "pin", "002C000100": "puk", "0020008100": "pin", "002C008100": "puk"}
"""Empty VERIFY and UNBLOCK commands, by which a card is asked for its tries (ETSI TS 102 221, 11.1.9)."""


class Modem:
    """Answers one command at a time, and tells its listeners of what it is not asked for."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.listeners: set[Callable[[str], None]] = set()
        self._calls: set[Callable[[], None]] = set()
        self._numeric_operator = False
        self._defined = {"1": ("IP", "")}
        """Kind and APN of each way to the network."""
        self._parts: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
            (re.compile(r"\+CPIN\?"), self._lock),
            (re.compile(r'\+CPIN="?(\d+)"?'), self._unlock),
            (re.compile(r'\+CSIM=10,"(\w+)"'), self._tries),
            (re.compile(r"\+(?:CGSN|GSN)"), lambda _: IMEI),
            (re.compile(r"\+(?:CGMI|GMI|CGMM|GMM|CGMR|GMR)"), lambda _: "Testbolaget"),
            (re.compile(r"\+CIMI"), lambda _: self._of_open_card(IMSI)),
            (re.compile(r"\+CNUM"), lambda _: self._of_open_card(f'+CNUM: ,"{NUMBER}",145')),
            (re.compile(r"\+CRSM=176,(12258|28589),.*"), self._file),
            (re.compile(r"\+CGDCONT\?"), lambda _: self._contexts()),
            (re.compile(r'\+CGDCONT=(\d+),"(\w+)","([^"]*)".*'), self._define),
            (re.compile(r"\+CGACT=0\b.*"), lambda _: self._hang_up()),
            (re.compile(r"\+CFUN\?"), lambda _: f"+CFUN: {int(self.behaviour.on)}"),
            (re.compile(r"\+CFUN=(\d).*"), self._radio),
            (re.compile(r"\+CSQ"), lambda _: f"+CSQ: {self.behaviour.csq},99"),
            (re.compile(r"\+CESQ"), lambda _: self._strength()),
            (re.compile(r"\+(CREG|CGREG|CEREG)\?"), lambda asked: f"+{asked[1]}: 2,{self._place()}"),
            (re.compile(r"\+COPS=3,(\d).*"), self._operator_format),
            (re.compile(r"\+COPS\?"), lambda _: self._operator()),
            (re.compile(r"\+CLCK=.*"), lambda _: f"+CLCK: {int(bool(self.behaviour.pin))}"),
        )

    def answer(self, line: str) -> str:
        """What the modem says to ``AT…``, without the line ends around it."""
        command = re.sub("^AT", "", line.strip("\0 \n"), flags=re.IGNORECASE)
        if command.startswith("D*99"):
            self.behaviour.dialled += 1
            return f"{CONNECTED} 150000000" if self.behaviour.registered in (HOME, ROAMING) else "NO CARRIER"
        said = self._said(command)
        if said is None:
            return "ERROR"
        if said.startswith("+CME ERROR"):
            return said
        return f"{said}\r\n\r\nOK" if said else "OK"

    def change(self, change: Change) -> Change:
        """Behave differently from now on; returns the whole behaviour. ValueError for what there is not."""
        kinds = {field.name: type(getattr(self.behaviour, field.name)) for field in fields(Behaviour)}
        for name, value in change.items():
            if not isinstance(value, kinds.get(name, type(None))):
                raise ValueError(name)  # noqa: TRY004 - what is wrong is the order
        before = self._place()
        for name, value in change.items():
            setattr(self.behaviour, name, value)
        if self._place() != before:
            self._tell_place()
        return asdict(self.behaviour)

    @contextlib.contextmanager
    def calling(self, hang_up: Callable[[], None]) -> Iterator[None]:
        """A call for data: ``hang_up`` ends it when it is asked to, or when there is no network any more."""
        self._calls.add(hang_up)
        if self.behaviour.registered not in (HOME, ROAMING):
            hang_up()
        try:
            yield
        finally:
            self._calls.discard(hang_up)

    def _hang_up(self) -> str:
        for hang_up in self._calls:
            hang_up()
        return ""

    def _said(self, command: str) -> str | None:
        if command.upper() in _FIXED:
            return _FIXED[command.upper()]
        for pattern, part in self._parts:
            if match := pattern.fullmatch(command):
                return part(match)
        return "" if _ACCEPTED.fullmatch(command) else None

    def _lock(self, _: re.Match[str]) -> str:
        return f"+CPIN: {self.behaviour.lock}" if self.behaviour.card else NOT_INSERTED

    def _unlock(self, asked: re.Match[str]) -> str:
        behaviour = self.behaviour
        behaviour.pin_given += 1
        if not behaviour.card:
            return NOT_INSERTED
        if behaviour.lock == "SIM PUK":
            return PUK_REQUIRED
        if asked[1] != behaviour.pin:
            behaviour.pin_tries -= 1
            return PUK_REQUIRED if behaviour.pin_tries <= 0 else INCORRECT
        behaviour.unlocked, behaviour.pin_tries = True, 3
        self._tell_place()
        return ""

    def _tries(self, asked: re.Match[str]) -> str | None:
        if not self.behaviour.counts_tries or asked[1] not in _TRIES:
            return None
        left = self.behaviour.pin_tries if _TRIES[asked[1]] == "pin" else 10
        return f'+CSIM: 4,"63C{max(0, left):X}"'

    def _of_open_card(self, content: str) -> str:
        if not self.behaviour.card:
            return NOT_INSERTED
        return content if self.behaviour.lock == "READY" else PIN_REQUIRED

    def _file(self, asked: re.Match[str]) -> str:
        """EF_ICCID, which is open also while the card is locked, and EF_AD (TS 31.102, 4.2.18)."""
        if not self.behaviour.card:
            return NOT_INSERTED
        if asked[1] == "28589":
            return self._of_open_card('+CRSM: 144,0,"00000002"')
        digits = self.behaviour.iccid.ljust(20, "F")
        swapped = "".join(digits[at + 1] + digits[at] for at in range(0, 20, 2))
        return f'+CRSM: 144,0,"{swapped}"'

    def _define(self, asked: re.Match[str]) -> str:
        self._defined[asked[1]] = (asked[2], asked[3])
        return ""

    def _contexts(self) -> str:
        ways = (
            f'+CGDCONT: {number},"{kind}","{apn}","",0,0' for number, (kind, apn) in self._defined.items()
        )
        return "\r\n".join(ways)

    def _radio(self, asked: re.Match[str]) -> str:
        self.behaviour.on = asked[1] == "1"
        self._tell_place()
        return ""

    def _strength(self) -> str:
        """+CESQ: only the last one, RSRP, which counts from below -140 dBm on."""
        known = -140 <= self.behaviour.rsrp <= -44 and self.behaviour.technology >= LTE
        return f"+CESQ: 99,99,255,255,255,{self.behaviour.rsrp + 141 if known else 255}"

    def _place(self) -> str:
        state = self.behaviour.registered
        return (
            f'{state},"1A2B","01C3D4E5",{self.behaviour.technology}'
            if state in (HOME, ROAMING)
            else f"{state}"
        )

    def _tell_place(self) -> None:
        if self.behaviour.registered not in (HOME, ROAMING):
            self._hang_up()
        for listener in self.listeners:
            for name in ("CREG", "CGREG", "CEREG"):
                listener(f"+{name}: {self._place()}")

    def _operator_format(self, asked: re.Match[str]) -> str:
        self._numeric_operator = asked[1] == "2"
        return ""

    def _operator(self) -> str:
        if self.behaviour.registered not in (HOME, ROAMING):
            return "+COPS: 0"
        name = (
            "00101" if self._numeric_operator else self.behaviour.operator.encode("utf-16-be").hex().upper()
        )
        return f'+COPS: 0,{2 if self._numeric_operator else 0},"{name}",{self.behaviour.technology}'
