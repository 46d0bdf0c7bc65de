"""An IPP Everywhere printer that prints into a folder."""
