"""How the whole of a cluster stands: the engine's word, what hosts noted of each VM, and what guards it besides."""
