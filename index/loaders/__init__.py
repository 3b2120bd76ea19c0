"""One module a format: the bytes of a file -> documents. Imported by ``index.documents`` when first needed."""
