"""VM clusters as they report themselves: kept as told, shown with their age. Nothing here asks or steers one."""
