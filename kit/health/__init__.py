"""What the kit knows of itself: sampled, kept until acknowledged, sent. Used by the agent like this::

    reporter = Reporter(config, look)          # look() -> Seen: what only the agent knows
    await reporter.open()                      # reporter.desired, reporter.case: kept from last time
    tasks.create_task(reporter.run())          # until cancelled, which says goodbye to the fleet
    async for news in reporter.news():         # Desired | Case | Readings | Status: the latest of each
        ...
    reporter.changed()                         # look() tells something new: report soon
    reporter.counters.count("link_invalid")    # refused input, by static code
    local_id = await reporter.report_fault(FaultCategory.SOUND)
    await reporter.report(VisitSummary(...))   # returns when it is kept; sent as soon as there is a way
    await reporter.report(DesiredApplied(version=desired.version))
    reporter.connect_anew()                    # a change of uplink is noticed without this
    reporter.goodbye = "update"                # why run() will be cancelled

Nothing of this blocks the loop or raises for a missing network, broker, disk or device: those are
states, told in :class:`Status` and :class:`kit.hw.readings.Readings`.
"""

from kit.health.counters import Counters
from kit.health.reporter import Reporter
from kit.health.words import LinkFound, Seen, Status

__all__ = ["Counters", "LinkFound", "Reporter", "Seen", "Status"]
