"""Jobs: what was asked for, what was decided, what came out, what it cost."""
