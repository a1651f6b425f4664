"""What may come, with its error, only where it beats the naive baselines.

Four layers are drawn path by path from what was known at the origin: the schedule less
terminations, renewals, new attachments and their price. A back-test on earlier quarters
decides, layer by layer, whether the model or a naive rule is shown. docs/forecast.md has the
method, its assumptions and how it has done.
"""
