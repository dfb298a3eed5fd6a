"""Hostile bytes against the contract's codec and against ingest: refused and counted, never anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from fleet.contract import CHANNELS, Presence, Refused, Report, decode, decode_body, decode_head, encode
from fleet.ingest.intake import Incoming, Intake
from fleet.presence import Policy
from fleet.store import Store
from fleet.store.migrate import upgrade
from fleet.store.presence import PresenceBook
from fleet.store.tables import RefusalCount, ReportStream
from tests.fleet.contract.test_codec import BODIES, MESSAGES
from tests.fleet.samples import NOON, STREAM, plant

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["\ud800", "a\u0000b", "kit-0001\n", "health", "x" * 300]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
REPORTS = [Report(kit="kit-0001", stream=STREAM, seq=7, at=NOON, body=body) for body in BODIES]
VALID: list[dict[str, Any]] = [json.loads(encode(message)) for message in (*REPORTS, *MESSAGES)]


def paths(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    yield at
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from paths(value, (*at, key))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid message with something else in one to three places, and perhaps some bytes exchanged."""
    document = json.loads(json.dumps(draw(st.sampled_from(VALID))))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from([path for path in paths(document) if path]))
        node = document
        for key in place[:-1]:
            node = node[key]
        node[place[-1]] = draw(VALUES)
    data = bytearray(json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.integers(0, 2))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


BYTES = st.one_of(st.binary(max_size=200), mutated())


@given(BYTES)
def test_bytes_are_a_message_that_can_be_sent_on_or_refused(data: bytes) -> None:
    for channel in CHANNELS:
        try:
            message = decode(channel.message, data)
        except Refused:
            continue
        assert decode(channel.message, encode(message)) == message


@given(BYTES)
def test_head_and_body_together_accept_what_the_whole_does(data: bytes) -> None:
    try:
        whole = decode(Report, data)
    except Refused:
        whole = None
    try:
        head = decode_head(data)
        parts = (head.kit, head.stream, head.seq, head.at, decode_body(head), head.oldest)
    except Refused:
        assert whole is None
    else:
        assert whole is not None
        assert parts == (whole.kit, whole.stream, whole.seq, whole.at, whole.body, whole.oldest)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    result = Store(f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'fleet.db'}")
    upgrade(result)
    plant(result)
    yield result
    result.close()


TOPICS = st.one_of(
    st.sampled_from(["kits/kit-0001/report", "kits/kit-0001/presence", "kits/kit-0002/report"]),
    st.text(max_size=30),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(batch=st.lists(st.builds(Incoming, TOPICS, BYTES, st.booleans()), min_size=1, max_size=6))
def test_ingest_takes_in_any_batch_and_accounts_for_every_report(store: Store, batch: list[Incoming]) -> None:
    before = accounted(store)
    with store.writing() as session:
        Intake(session, PresenceBook(session, 0, Policy()), NOON).take(batch)
    silent = sum(is_accepted_presence(message) for message in batch)
    # A refused body counts twice: among the refusals, and as a number of its stream that is done with.
    assert len(batch) - silent <= accounted(store) - before <= 2 * len(batch)


def is_accepted_presence(message: Incoming) -> bool:
    if message.topic != "kits/kit-0001/presence":
        return False
    try:
        decode(Presence, message.payload)
    except Refused:
        return not message.payload
    return True


def accounted(store: Store) -> int:
    row = ReportStream
    counts = row.committed + row.duplicates + row.dropped + row.refused
    with store.reading() as session:
        reports = session.scalar(select(func.sum(counts))) or 0
        return int(reports + (session.scalar(select(func.sum(RefusalCount.count))) or 0))
