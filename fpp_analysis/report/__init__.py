"""From notebooks to a published pack: the only room that knows papermill and nbconvert.

`parameters` declares what a notebook is asked, `running` runs notebooks, `payloads` reads
what they showed, `html`, `pdf`, `workbook` and `files` are views of that, `pack` puts them
together and `publishing` moves the whole into place or nothing at all.
"""
