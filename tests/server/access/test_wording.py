"""Whoever gives a permission reads what it lets somebody do."""


def test_every_permission_has_words() -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.access.wording import WORDS

    assert set(WORDS) == set(Permission)
    assert len(set(WORDS.values())) == len(WORDS)
