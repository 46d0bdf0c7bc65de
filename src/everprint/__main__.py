"""`python -m everprint` is `everprint`."""

from everprint.cli.main import main

main()
