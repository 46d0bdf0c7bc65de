"""What `make bench-cluster` runs: the lab's own topology with VMs, and how long it takes to do or to survive what.

Reading order: `__main__`, `measures` (what is measured, in which order), `ground` (the lab), then one module a
question: `boot`, `failures`, `migration`, `draining`. `probe`, `asking` and `answers` are somebody who asks all the
time; `figure` is the table.
"""
