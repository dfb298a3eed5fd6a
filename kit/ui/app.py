"""The screen process: window, connection to the agent, pictures."""

from kivy.metrics import Metrics

from kit.ui import theme


def fit_metrics(width: int, height: int, text_scale: float) -> None:
    """Scale millimetres and type so that the reference tablet's layout fills a window of this size."""
    factor = theme.scale(width, height)
    Metrics.dpi = theme.REFERENCE_DPI * factor
    Metrics.density = theme.REFERENCE_DENSITY * factor
    Metrics.fontscale = text_scale
