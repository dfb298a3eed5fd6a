"""Calling a method on a real bus: what is answered, and what an error may say."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from kit.network import bus
from kit.network.bus import Bus, Refused, Vanished, connected
from tests.peers.network.namespace import Namespace, end, until

NAME, PATH = "test.kit.Service", "/test/kit"
CANARY = "kanariefagel"


class Service:
    """Answers by the name of the method."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._bus: MessageBus | None = None

    async def serve(self) -> None:
        self._bus = await MessageBus(bus_address=self._address, bus_type=BusType.SYSTEM).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name(NAME)

    def signal(self) -> None:
        assert self._bus is not None
        self._bus.send(Message(message_type=MessageType.SIGNAL, path=PATH, interface=NAME, member="Changed"))

    def close(self) -> None:
        if self._bus is not None:
            self._bus.disconnect()

    @staticmethod
    def _answer(message: Message) -> Message | bool | None:
        match message.member:
            case "Tell":
                return Message.new_method_return(message, "a{sv}", [{"one": Variant("u", 1)}])
            case "Refuse":
                return Message.new_error(message, f"{NAME}.Error.No", f"not {CANARY}")
            case "Keep":
                return True
        return None


@pytest.fixture
async def service(namespace: Namespace) -> AsyncIterator[Service]:
    made = Service(namespace.bus_address)
    await made.serve()
    yield made
    made.close()


@pytest.fixture
async def asked(namespace: Namespace, service: Service) -> AsyncIterator[Bus]:
    async with connected(
        namespace.bus_address, f"type='signal',sender='{NAME}'", bus.owner_changes(NAME)
    ) as one:
        yield one


async def ask(one: Bus, member: str, **more: Any) -> list[Any]:
    return await one.ask(NAME, PATH, NAME, member, **more)


async def test_an_answer_comes_without_variants_or_with_them(asked: Bus) -> None:
    assert await ask(asked, "Tell") == [{"one": 1}]
    assert await asked.typed(NAME, PATH, NAME, "Tell") == [{"one": Variant("u", 1)}]


async def test_an_error_says_its_own_name_and_nothing_else(asked: Bus) -> None:
    with pytest.raises(Refused) as refused:
        await ask(asked, "Refuse")
    assert (str(refused.value), refused.value.name) == (f"{NAME}.Error.No", f"{NAME}.Error.No")
    assert CANARY not in repr(refused.value)
    assert refused.value.__cause__ is None


async def test_whoever_does_not_answer_is_given_up(asked: Bus) -> None:
    with pytest.raises(Refused, match="TimeoutError"):
        await ask(asked, "Keep", limit_s=0.2)


async def test_what_is_not_there_is_told_apart(asked: Bus) -> None:
    with pytest.raises(Vanished):
        await ask(asked, "Nothing")
    with pytest.raises(Refused) as refused:
        await asked.ask("test.kit.Nobody", PATH, NAME, "Tell")
    assert not isinstance(refused.value, Vanished)


async def test_signals_and_owners_that_change_stir(asked: Bus, service: Service) -> None:
    asked.stirred.clear()
    service.signal()
    await asyncio.wait_for(asked.stirred.wait(), 30)
    asked.stirred.clear()
    service.close()
    await asyncio.wait_for(asked.stirred.wait(), 30)
    assert not asked.ended


async def test_the_end_of_the_bus_stirs_and_is_a_refusal(asked: Bus, namespace: Namespace) -> None:
    asked.stirred.clear()
    end(namespace.bus, signal.SIGKILL)
    await asyncio.wait_for(asked.stirred.wait(), 30)
    await asyncio.to_thread(until, lambda: asked.ended)
    with pytest.raises(Refused):
        await ask(asked, "Tell", limit_s=5.0)
    with pytest.raises(Refused):
        async with connected(namespace.bus_address):
            pass
