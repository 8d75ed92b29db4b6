"""What changed from one version to another, and who changed it."""
