"""What the engine would do, asked of the engine: Pacemaker's own simulator on the configuration that we compiled."""
