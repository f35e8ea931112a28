"""Monazite: who is hit, how hard, when, and which joint plan closes the gap."""
