"""What the platform team sees and does across organizations; with `domain/ocm` the only importer of the hatch."""
