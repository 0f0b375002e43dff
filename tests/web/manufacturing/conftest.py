"""The story of the bench beside the application that shows it."""

from __future__ import annotations

import pytest

import release.domain.specification_documents  # noqa: F401  (the kind of document that batches freeze)
from tests.integration.manufacturing.story import Story
from tests.places import remembered


@pytest.fixture
def story(database, person, app):
    return remembered(database, "story", lambda: Story(database, person))
