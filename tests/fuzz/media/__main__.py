"""`python -m tests.fuzz.media TARGET FOLDER… [libFuzzer's options]`: one target, until the time is over.

New inputs go to the first folder. A found fault ends it with an error; its input is left where
`-artifact_prefix` says.
"""

import logging
import sys

import atheris  # type: ignore[import-untyped]
import structlog

with atheris.instrument_imports(include=["kit", "aioice", "aiortc"]):
    from tests.fuzz.media.targets import TARGETS


def main(words: list[str]) -> None:
    """Fuzz for ever, or as libFuzzer is told."""
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    atheris.Setup([sys.argv[0], *words[1:]], TARGETS[words[0]])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
