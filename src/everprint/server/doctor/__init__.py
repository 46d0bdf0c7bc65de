"""Is this installation set up well, and if not, what is to be done?"""
