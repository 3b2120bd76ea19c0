"""How the bundled encoder was made: public corpora in, ``index/model/`` out.

``python -m index.training --data FOLDER --out index/model`` (extra ``train``; no torch) runs the steps, each in a module:

- corpora      readers of the data folder and of the bilingual lexicon kept beside this file
- vocabulary   word counts -> the Unigram tokenizer
- bags         texts -> flat arrays of token ids, sampled into batches of (query, passage) pairs
- loop         contrastive training of one vector a token
- export       8-bit rows with a scale each, in the sentence-transformers format
- measure      retrieval figures of a saved model, and its card
"""
