"""The pages that file briefs: sources from files and addresses, due times, names, templates and CSV files."""
