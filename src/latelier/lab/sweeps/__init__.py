"""Sweeps: many runs that differ in some values, carried out together."""
