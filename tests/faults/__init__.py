"""Faults on purpose: processes killed, clocks that jump, disks without room; nothing acknowledged may be lost."""
