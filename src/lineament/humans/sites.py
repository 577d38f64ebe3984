"""Body parameters to the template's sites: the step that enrolment from a `body.json` needs."""

import numpy as np

from lineament.errors import BadInputError
from lineament.geometry.template import load_template
from lineament.humans.body import BodyModel
from lineament.humans.parameters import BodyParameters, SmplParameters
from lineament.humans.smpl import SmplModel
from lineament.humans.smpl_sites import rest_sites as smpl_rest_sites
from lineament.types import Float32


def rest_sites(parameters: BodyParameters | SmplParameters) -> Float32:
    """Sites (2048, 3) metres in rest pose, feet on z = 0.

    Raises BadInputError for a local change that Anny does not have, for head modes without the head's
    asset, and for a model file that cannot be used.
    """
    if isinstance(parameters, SmplParameters):
        return smpl_rest_sites(SmplModel.load(parameters.file), parameters.betas).astype(np.float32)
    model = BodyModel.load()
    if len(parameters.head) and model.head is None:
        raise BadInputError(
            "the body has head modes; run: lineament assets fetch ict-facekit, or leave out `head`"
        )
    try:
        body = model.build(parameters)
    except ValueError as error:
        raise BadInputError(f"body parameters: {error}") from None
    return body.vertices[load_template().anny_vertex]
