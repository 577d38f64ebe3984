"""Resolution of records, from the pictures' headers alone."""

from dataclasses import replace

from PIL import Image

from lineament.evaluation.datasets.dataset import DataSet, Record


def measured(data_set: DataSet) -> DataSet:
    """The data set with "height", pixels: of the record's box, or of the whole picture where it has none.

    Records whose picture cannot be read, or that say their height already, stay as they are.
    """
    return replace(data_set, records=tuple(_measured(record) for record in data_set.records))


def _measured(record: Record) -> Record:
    if "height" in record.covariates or record.path is None:
        return record
    if record.box is not None:
        height = record.box[3] - record.box[1]
    else:
        try:
            with Image.open(record.path) as picture:
                width, height = picture.size
                # An EXIF orientation of 5 to 8 lies on its side.
                height = width if picture.getexif().get(0x0112, 1) >= 5 else height
        except OSError:
            return record
    return replace(record, covariates={**record.covariates, "height": float(height)})
