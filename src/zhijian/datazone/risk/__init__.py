"""The learned risk: the chance that a violation is found, for any data set that meets a published feature contract."""
