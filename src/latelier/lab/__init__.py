"""The laboratory: the only place that knows everyone. It launches, records and resumes runs."""
