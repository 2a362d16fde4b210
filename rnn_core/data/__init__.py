"""What a network reads: vocabularies, tasks, windows and what is held out; series, and files of text, table and sound.

Imports `config`, `records` and `sentence`. Public: `build_vocabulary`, `one_hot`, `build_dataset`, `built_in`,
`read_series`, `read_text`, `prepare`.
"""
