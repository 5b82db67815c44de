"""Child processes do all the CPU work, within a limit on time and memory."""
