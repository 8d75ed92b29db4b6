"""Drafts for `bench quality`: clean ones made of prose that packages ship, and ones with a seeded defect."""
