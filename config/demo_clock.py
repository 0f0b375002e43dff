"""The movable clock of demo and test instances: forward only, one for all workers, on the trail (decision 43)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, g, jsonify, redirect, render_template, request

from kernel.clock import Clock
from kernel.database import locked_file
from kernel.web.registry import SIGNED_IN
from kernel.web.serve import allow
from kernel.web.site import this_site
from kernel.work import unit_of_work

LONGEST_HOURS = 24 * 60


class ShiftedClock(Clock):
    """Server time plus the hours that somebody moved it; the shift lives in one small file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def now(self) -> datetime:
        try:
            seconds = int(self.file.read_text(encoding="ascii") or 0)
        except FileNotFoundError:
            seconds = 0
        return super().now() + timedelta(seconds=seconds)

    def move(self, by: timedelta) -> None:
        """Forward by up to sixty days at once."""
        if not timedelta(0) < by <= timedelta(hours=LONGEST_HOURS):
            raise ValueError("the clock moves forward, at most sixty days at a time")
        with locked_file(self.file) as file:
            file.seek(0)
            seconds = int(file.read() or 0)
            file.seek(0)
            file.truncate()
            file.write(str(seconds + int(by.total_seconds())))


def offer(app: Flask, clock: ShiftedClock) -> None:
    """Only demo and test instances call this; a production instance has no such address."""
    demo = Blueprint("demo", __name__)

    @demo.route("/demo/clock", methods=["GET", "POST"])
    def move_clock() -> Any:
        if request.method == "GET":
            return render_template("kernel/clock.html", wrong=False)
        typed = str((request.get_json(silent=True) or request.form).get("hours", ""))
        if not typed.isascii() or not typed.isdigit() or not 0 < int(typed) <= LONGEST_HOURS:
            return render_template("kernel/clock.html", wrong=True), 422
        with unit_of_work(this_site().database, g.viewer.actor, "clock.move", details={"hours": int(typed)}):
            clock.move(timedelta(hours=int(typed)))
        return jsonify({"now": clock.now().isoformat()}) if request.is_json else redirect("/demo/clock", 303)

    app.register_blueprint(demo)
    allow("demo.move_clock", SIGNED_IN)
