"""What holds for all tests: hypothesis judges by results, never by how long an example took on a busy machine."""

from hypothesis import settings

settings.register_profile("everprint", deadline=None)
settings.load_profile("everprint")
