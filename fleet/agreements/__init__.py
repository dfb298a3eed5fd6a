"""Rental or owned: periods, who is responsible for what, whom the staff calls, and what each costs. Pure."""

from fleet.agreements.change import Change, changes
from fleet.agreements.cost import Numbers, YearCost, compare
from fleet.agreements.periods import Period, PeriodError, begin, in_force
from fleet.agreements.responsibility import DUTIES, Duty, support_body

__all__ = [
    "DUTIES",
    "Change",
    "Duty",
    "Numbers",
    "Period",
    "PeriodError",
    "YearCost",
    "begin",
    "changes",
    "compare",
    "in_force",
    "support_body",
]
