"""What printers there are around a print server: asked for by a person, listed, and never acted upon."""
