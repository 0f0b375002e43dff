"""The WSGI application."""

from config.app import create_app
from config.settings import Settings

app = create_app(Settings.from_environ())
