"""What changed from one version to another, and whose change it was."""
