//! Every source, over the corpus.
