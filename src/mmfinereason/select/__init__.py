"""Stage 3: is the trace right, how hard is the row, and which subsets does it belong to?"""
