"""What the worker does: jobs and mail. The worker loads each module of this package."""
