"""How a part serves HTTP: uvicorn with deadlines against slow clients, TLS, and a clean stop.

Reading order: deadlines, listener, protocol (one connection), server (all of them), loop.
"""

from everprint.serving.deadlines import Deadlines
from everprint.serving.listener import CannotListen, Listener
from everprint.serving.loop import run, stop_on_signals
from everprint.serving.server import serve

__all__ = ["CannotListen", "Deadlines", "Listener", "run", "serve", "stop_on_signals"]
