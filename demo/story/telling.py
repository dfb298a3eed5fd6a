"""Runs the chapters in turn, says how far it is, and writes the report after each."""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Sequence
from datetime import datetime

import psutil
from msgspec.structs import replace

from demo.progress import Progress
from demo.report.model import Outcome, Report, Step
from demo.report.write import write
from demo.story.stage import Chapter, Stage
from demo.supervisor import ServiceFailed


class Telling:
    """One visit being told."""

    def __init__(self, stage: Stage, chapters: Sequence[Chapter]) -> None:
        self._stage = stage
        self._chapters = chapters
        self._began = time.monotonic()
        self._report = new_report()
        self._progress = Progress(len(chapters))

    async def tell(self) -> Report:
        """Act all chapters, as far as they lead; return the finished report."""
        stopped = False
        for chapter in self._chapters:
            step = self._skipped(chapter) if stopped else await self._act(chapter)
            stopped = stopped or (chapter.vital and step.outcome is Outcome.FAILED)
            await self._keep(step)
            self._progress.done(_worded(step))
        return self._report

    async def finish(self) -> Report:
        """Mark the report as finished: nothing more will be measured."""
        self._report = replace(self._report, finished=True)
        await self._write()
        return self._report

    async def _act(self, chapter: Chapter) -> Step:
        stage = self._stage
        stage.chapter = chapter.name
        stage.notes.facts, stage.notes.pictures = {}, []
        began = time.monotonic()
        outcome, why = Outcome.OK, ""
        try:
            async with asyncio.timeout(chapter.deadline_s):
                await chapter.act(stage)
        except Exception as failure:
            outcome, why = Outcome.FAILED, _plain(failure, chapter) + self._given_up()
            await stage.look_everywhere()
        pictures = tuple(stage.notes.pictures)
        return Step(
            name=chapter.name,
            title=chapter.title,
            about=chapter.about,
            began_s=began - self._began,
            seconds=time.monotonic() - began,
            outcome=outcome,
            why=why,
            pictures=pictures,
            picture=pictures[0].file if pictures else None,
            facts=dict(stage.notes.facts),
        )

    def _given_up(self) -> str:
        """Name the process that was given up, if there is one: it explains the rest."""
        try:
            self._stage.world.supervisor.check()
        except ServiceFailed as failed:
            return f"; {failed}"
        return ""

    def _skipped(self, chapter: Chapter) -> Step:
        return Step(
            name=chapter.name,
            title=chapter.title,
            about=chapter.about,
            began_s=time.monotonic() - self._began,
            seconds=0.0,
            outcome=Outcome.SKIPPED,
        )

    async def _keep(self, step: Step) -> None:
        notes = self._stage.notes
        self._report = replace(
            self._report,
            steps=(*self._report.steps, step),
            figures=notes.figures,
            injections=tuple(notes.injections),
            not_measured=dict(notes.not_measured),
        )
        await self._write()

    async def _write(self) -> None:
        await asyncio.to_thread(write, self._report, self._stage.world.layout.root)


def _plain(failure: Exception, chapter: Chapter) -> str:
    """Say in one line what went wrong."""
    if isinstance(failure, TimeoutError):
        return f"not finished within {chapter.deadline_s:g} s"
    text = str(failure).splitlines()
    return text[0] if text else type(failure).__name__


def _worded(step: Step) -> str:
    if step.outcome is Outcome.OK:
        return step.title.en
    return f"{step.title.en}: {step.outcome}{f' ({step.why})' if step.why else ''}"


def new_report() -> Report:
    """Return a report of a visit that has not begun."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    made_at = datetime.now().astimezone().isoformat(timespec="seconds")
    return Report(made_at=made_at, machine=f"{system}, {psutil.cpu_count()} × {platform.machine()}")
