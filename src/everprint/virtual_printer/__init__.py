"""An IPP Everywhere printer (PWG 5100.14) that keeps the sheets it "prints" in a folder and misbehaves when told to.

Reading order: paper and model (what it is), job and ticket (what it was asked), sheets (what goes on paper), record
(what is kept), troubles and commands (how it misbehaves), device (the queue and the engine), the attributes and
operations (how it speaks IPP), front and port (how it does when it misbehaves), then pictures, web and process.
"""
