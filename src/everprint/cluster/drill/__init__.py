"""Drills: something is made to fail while somebody prints all the time, and every job is accounted for.

Nothing here decides or repairs: the engine does. A drill breaks one thing, watches, and writes down what it saw.

Reading order: `kinds` (what can fail), `causing` (how it is made to), `watching` (what the engine says of it),
`people` (who prints and asks, and the programs `printing` and `asking` that they run), `balance` (what came of every
job), `drill` (one drill, start to end), `report`. `lab_stage` puts up in a lab what people need to print.
"""
