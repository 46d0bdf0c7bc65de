"""Is this server alive, and is it ready to serve?"""
