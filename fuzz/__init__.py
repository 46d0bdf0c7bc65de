"""Coverage-guided fuzzing of every parser of our own: `make fuzz`.

targets (what is fuzzed, one line each), seeds (where it starts), harness (one parser in a process of its own, driven
by atheris), campaign (one harness after the other), __main__ (the table).
"""
