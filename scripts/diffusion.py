"""Heavy rare earths diffused into finished blanks: figures that both rare-earth chains share.

When Dy and Tb are dear, makers of magnets need not melt them into the alloy: they coat finished
blanks of the standard grade with them and let them diffuse along the grain boundaries. No figure
of how much was made so in 2009 or 2024 was found, so all of this is assumed, and none of it is
fitted to what happened to prices.
"""

CONTENT = 0.5
"""Dy and Tb over those of the heavy grade; none of it is lost as scrap, it comes after cutting."""
SHARE = 0.01
"""Output in the base year over that of the heavy grade of the region, on top of it."""
CAPACITY = 0.5
"""Capacity over the output of the heavy grade of the region."""
SPREAD = 0.03
"""Cost spread as a fraction of revenue; with 2 % used in the base year, half is used when the
margin is 12 % of revenue better, as with Dy at two to three times its base price."""
DIFFUSED = ("Dy", "Tb")

NOTE = (
    "assumed: 1 % of the heavy output of the region, and capacity for half of it; half of that "
    "would be used when Dy is at two to three times its base price"
)
RECIPE_NOTE = (
    "assumed: blanks of the standard grade; half the Dy and Tb of the heavy grade, as makers said "
    "of grain-boundary diffusion, and none of it cut away"
)
CONTENT_NOTE = (
    "Dy and Tb as in the leanest sold under this name, diffused into blanks: half of what the "
    "heavy alloy holds"
)


def leanest(elements: dict[str, float]) -> dict[str, float]:
    """Return the content of heavy magnets with the Dy and Tb of diffused ones."""
    return {
        element: amount * (CONTENT if element in DIFFUSED else 1.0)
        for element, amount in elements.items()
    }
