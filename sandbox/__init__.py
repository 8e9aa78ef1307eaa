"""Local stand-ins for Vinoshipper and the web shops: real HTTP, fault switches, a complete log."""
