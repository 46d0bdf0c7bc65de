"""`make demo`: one print job after another, end to end, on this machine, with real parts and a foreign client.

Reading order: errands (who prints what, and the truth about it), documents (the files), parts (what runs), clients
(who prints), table and server_watch (what is seen), check (`--once`), __main__ (the show).
"""
