"""What runs beside each other: the cluster, the web server, and the threads that look after both."""
