"""`make bench-placement`: every placement of a composition, and the one that the appliance chose."""
