"""The page in Debian's Chromium, on a real server process with real data."""
