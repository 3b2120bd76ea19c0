"""Documents -> chunks -> words and vectors -> a store on disk. Never imports ``qa``."""
