"""How the reader was trained: iapp's training questions in, ``qa/reader_model/`` out. Needs torch and scikit-learn.

``python -m qa.reader_training --data FOLDER``, on one processor core about a quarter of an hour.
"""
