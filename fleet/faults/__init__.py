"""From a fault report to a case, and to the one who is responsible for it. Pure."""

from fleet.faults.model import CASE_STATES, STEPS, Route, TransitionError, may_become, route, transition

__all__ = ["CASE_STATES", "STEPS", "Route", "TransitionError", "may_become", "route", "transition"]
