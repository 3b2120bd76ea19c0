"""How the reader was trained: iapp's training questions and our own in, ``qa/reader_model/`` out. Needs torch and scikit-learn.

``python -m qa.reader_training --data FOLDER [--keep FOLDER]``: about an hour of two processor cores. What is
measured and drawn depends on fixed seeds only. With ``--keep`` a run that was stopped goes on at the next network.

- cases        questions with their passages, measured; what is known of single words
- own          our own questions in iapp's form
- doubt        passages that do not answer, and passages as a search finds them
- english      English versions of iapp's questions
- sentences    boosted trees that tell the answering sentence, and whether it answers
- context      networks that guess words: what stands around each
- network      one network in torch
- networks     all of them, each without another quarter of the passages, two at a time; then the first one once more, to doubt
- keeping      finished networks in a folder
- calibration  how sure a reading is
"""
