"""The tests of Goldseam: unit, laws, worked, golden, conformance, walk, words, browser."""
