"""The desk: a page in, reviewed events and scenarios out.

Reading order: ``schema`` (what a page and an event are), ``dates``, ``quantities``,
``gazetteer`` (what words mean), ``zones``, ``page`` (which words are the article), ``cues``,
``clauses``, ``recognise`` (what happened), ``links``, ``measures`` (what it means for a
supply chain), ``store`` (what was read and who accepted it), ``feeds``, ``adapters``.
"""
