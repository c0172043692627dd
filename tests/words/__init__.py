"""Tests about the repository itself: its words, its budgets, its promises in prose."""
