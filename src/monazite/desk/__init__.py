"""The desk: a page in, reviewed events and scenarios out.

Reading order: ``shipped`` (tables), ``schema`` (what a page and an event are); ``numerals``,
``clock``, ``date_words``, ``date_rules``, ``dates``, ``quantities`` (sizes); ``gazetteer``,
``strangers`` (what names mean); ``lines``, ``zone_cues``, ``zones``, ``markup``, ``page`` (which
words are the article); ``cues``, ``sentences``, ``ear`` (what a sentence tells);
``attribution``, ``timing`` (who, and from when); ``telling`` (which sentences tell one act);
``judge`` (what is news); ``recognise`` (what happened); ``links``;
``measures`` (what it means for a supply chain); ``store`` (what was read and who accepted it);
``feeds``; ``measures_table`` (tables of others); ``adapters``.
"""
