"""The booking interface: booking systems put meetings at kits as FHIR R5 `Appointment`s (hl7.org/fhir/R5).

Nothing personal is kept: of a resource only the kit, the time, the kind of meeting, the link with its PIN and
the way in by phone are read; everything else is dropped, and the answer names it.
"""
