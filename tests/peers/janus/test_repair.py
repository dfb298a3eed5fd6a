"""What is lost on the way to and from a real Janus comes again: the kit hears and sees itself."""

import asyncio

from bench.calls.conditions import Condition, Step
from bench.calls.janus import Janus
from bench.calls.network import Network
from bench.calls.peer import KitPeer, Report
from bench.calls.relay import Order

SETTLES_S, COUNTED_S = 6.0, 12.0


async def _echoed(condition: Condition) -> Report:
    """Publish into a room, subscribe to what was published, both through the condition's network."""
    janus, kit = Janus(), KitPeer("VP8")
    await janus.start()
    network = Network(Order(condition, 7, 2, janus.outside, janus.inside))
    await network.open()
    try:
        await kit.start()
        publisher, subscriber = await janus.publisher(), await janus.subscriber()
        offer = await kit.offer("publish")
        answer = await publisher.publish(network.for_far(0, offer))
        await network.meet(0, offer, answer)
        await kit.accept("publish", network.for_near(0, answer))
        await publisher.up()
        offer = await subscriber.subscribe(publisher.feed)
        answer = await kit.answer("subscribe", network.for_near(1, offer))
        await network.meet(1, answer, offer)
        await subscriber.start(network.for_far(1, answer))
        await asyncio.sleep(SETTLES_S)
        await asyncio.gather(kit.mark(), network.start())
        await asyncio.sleep(COUNTED_S)
        return await kit.collect()
    finally:
        await kit.close()
        await network.close()
        await janus.close()


async def test_a_tenth_lost_on_both_ways_leaves_sound_and_pictures() -> None:
    # From when it is counted: a handshake that loses its last message is another matter.
    change = (await _echoed(Condition(name="tenth", steps=(Step(at=0, loss=0.1),)))).change
    sound, pictures, sent = (
        change[name] for name in ("inbound-rtp-audio", "inbound-rtp-video", "outbound-rtp-video")
    )
    # Where the answer does not ask for sound again, a tenth is made up.
    assert sound["concealedSamples"] < 0.06 * sound["totalSamplesReceived"]
    # Pictures go twice while so much is lost.
    assert sent["retransmittedPacketsSent"] > 0.25 * sent["packetsSent"]
    assert pictures["framesDecoded"] > 0.8 * sent["framesEncoded"]
