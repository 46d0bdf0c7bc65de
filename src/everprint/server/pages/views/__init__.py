"""One module an area. A view reads the request, asks the area's functions, shows the answer; it decides nothing."""
