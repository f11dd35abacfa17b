"""Training: the LightningModule, its rhythm, and the recorder that writes a run folder."""
