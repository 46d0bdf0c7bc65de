"""How fast, how small, beside a peer in the same run: one module a question.

Each module offers TITLE and run(quick), which returns a Result. Nothing in a result is written down beforehand.
"""
