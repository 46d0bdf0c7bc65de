"""Starts real parts (ours and other people's) on private ports and folders, for tests, benchmarks and the demo.

Nothing here is a mock, and nothing outlives the process that started it.
"""
