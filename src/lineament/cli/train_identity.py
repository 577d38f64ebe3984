"""`lineament train identity`: whether a picture and a prototype are one person, learned from renders."""

from pathlib import Path

from lineament.cli.workshop import workshop


def train_identity(
    *,
    out: Path = Path("runs/identity"),
    model: Path | None = None,
    people: int = 2500,
    pictures: int = 12480,
    steps: int = 1500,
    seed: int = 51,
    sharing: bool = True,
) -> int:
    """Train the comparison of parts on what a registration model says, and write sharing.onnx to OUT.

    Pictures are drawn once into OUT and used by later calls. Copy sharing.onnx and identity.json into the
    folder of the registration model to use them.

    Args:
        out: folder of pictures, what the model says of them, sharing.onnx and the record identity.json.
        model: folder of the registration model; the released one when left out.
        people: synthetic identities; 15 % of those shown only judge.
        pictures: six of each person drawn, in two outfits.
        steps: comparisons of 48 people with two pictures each.
        seed: of people and pictures.
        sharing: leave the cross-attention out, to see what it adds.
    """
    with workshop("training"):
        from lineament.training.export import export_sharing
        from lineament.training.identity import IdentityRecipe
        from lineament.training.identity import train_identity as train
    from lineament.runtime.registrar import Registrar

    recipe = IdentityRecipe(seed=seed, people=people, pictures=pictures, steps=steps, sharing=sharing)
    network, judged = train(recipe, Registrar.load(model, threads=1), out, print)
    path = out / ("sharing.onnx" if sharing else "without-sharing.onnx")
    export_sharing(network, path)
    print(
        f"rank 1 of 20, {judged.probes} probes of people held out: {judged.random_rank1:.3f}; "
        f"of 20 alike in build: {judged.alike_rank1:.3f}; by build alone: {judged.build_rank1:.3f}"
    )
    print(path)
    return 0
