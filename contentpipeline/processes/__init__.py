"""Processes and threads of an installation: the cluster, the web server, and the maintenance of both."""
