"""Applications with one planted defect each, for servers of tests: ``app="tests.races.planted:without_replay()"``."""

from __future__ import annotations

from flask import Flask

from config.app import create_app
from config.settings import Settings
from kernel.web import acting


def without_replay() -> Flask:
    """An application that never recognises a key it has seen."""
    acting.claim = lambda *_: None
    return create_app(Settings.from_environ())
