"""The demonstration: the main job on real input, each step being one that the command line has too."""
