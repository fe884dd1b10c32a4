"""The helper package of rPPG Lab: a pulse, from light in blood to a heart rate with its error.

Read the modules in this order; each imports only from those before it (`folders`, `processes`, `seeding` and
`spectrum` serve all):
physics, synthesis, video, recordings, datasets, preparing, clips, methods, models, losses, evaluation, plots, training,
inference, reading, camera, experiment, checks, cli.
"""

__version__ = "0.1.0"
