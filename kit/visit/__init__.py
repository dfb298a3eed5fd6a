"""The visit as a pure state machine: ``step(visit, event, policy) -> (visit, effects)``. No I/O, no clock."""
