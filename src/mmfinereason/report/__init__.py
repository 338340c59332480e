"""The report: what a run became, as one page that opens anywhere, with its figures and tables as files."""

from mmfinereason.report.compare import compare
from mmfinereason.report.write import report

__all__ = ["compare", "report"]
