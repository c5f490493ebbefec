"""`make soak`: mixed load while domains are ended at random moments; what is lost, leaked or stuck."""
