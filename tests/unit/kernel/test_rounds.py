"""What is worked out once for each text of a statement, where several threads ask."""

from __future__ import annotations

from kernel.rounds import MOST_KEPT, remember


class Emptied(dict):
    """Another thread found it full, and empties it the moment something was put in."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self.clear()


def test_what_another_thread_throws_away_meanwhile_is_answered_all_the_same():
    assert remember(Emptied(), "text", lambda: (1,)) == (1,)


def test_it_is_made_once_and_begins_anew_when_full():
    kept = {}
    assert remember(kept, "text", lambda: (1,)) == remember(kept, "text", lambda: (2,)) == (1,)
    kept.update(dict.fromkeys(range(MOST_KEPT), ()))
    assert remember(kept, "another", lambda: (3,)) == (3,)
    assert kept == {"another": (3,)}
