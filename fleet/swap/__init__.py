"""Swapping a broken kit for a spare: which one and why, the steps, the time, and what becomes of the old kit.

Pure.
"""

from fleet.swap.model import (
    REPLY_DEADLINE_MS,
    RETURN_STEPS,
    Step,
    StepError,
    Swap,
    SwapState,
    Taken,
    can_undo,
    next_steps,
    overdue,
    seconds_to_swapped,
    state_of,
    take,
)
from fleet.swap.propose import Candidate, Proposal, Reason, propose

__all__ = [
    "REPLY_DEADLINE_MS",
    "RETURN_STEPS",
    "Candidate",
    "Proposal",
    "Reason",
    "Step",
    "StepError",
    "Swap",
    "SwapState",
    "Taken",
    "can_undo",
    "next_steps",
    "overdue",
    "propose",
    "seconds_to_swapped",
    "state_of",
    "take",
]
