"""Times and dates as the screen says them. All times are unix seconds, shown in the kit's time zone."""

from datetime import datetime

from babel.dates import format_date

from kit.ipc.state import Language


def clock(at: float) -> str:
    """Time of day, for example ``10:42``."""
    return _local(at).strftime("%H:%M")


def day(at: float, language: Language) -> str:
    """Weekday and date without the year, for example ``fredag 20 november``."""
    return str(format_date(_local(at), "EEEE d MMMM", locale=str(language)))


def minutes(seconds: float) -> int:
    """Whole minutes that have passed; never negative."""
    return max(0, int(seconds // 60))


def duration(seconds: float) -> str:
    """Minutes and seconds, for example ``3:05``, or hours in front: ``1:03:05``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at).astimezone()
