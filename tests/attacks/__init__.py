"""Faults and attacks on the server: each test fails when the guard it is about is removed."""
