"""What a network reads: vocabularies, tasks, windows and what is held out.

Imports `config`, `records` and `sentence`. Public: `build_vocabulary`, `one_hot`, `build_dataset`.
"""
