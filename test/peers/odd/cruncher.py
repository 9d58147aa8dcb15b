"""The base class, as it lies beside a participant's code on the existing platform."""


class ModelBaseClass:
    def __init__(self, horizon: int = 60):
        self.horizon = horizon
        self.seen = []

    def feed_update(self, data):
        self.seen.append(data)
