"""Forms: they check what was written, field by field; what happens then is done by the areas' functions."""
