"""`make bench-restart`: what the end of a domain costs those outside."""
