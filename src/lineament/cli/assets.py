"""`lineament assets list | fetch | verify`."""

from rich.console import Console
from rich.table import Table

from lineament.assets import ASSETS, asset_named, fetch, state
from lineament.errors import BadInputError

_console = Console()


def list_assets() -> None:
    """Print every asset: whether it is here, its size, licence and origin.

    Those that are placed by hand lie, under the name shown, in the folder that LINEAMENT_ASSETS names.
    """
    table = Table(title="Assets", show_lines=True)
    for heading in ("name", "here", "for", "MB"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what, licence, origin", overflow="fold")
    for asset in ASSETS:
        megabytes = f"{asset.size / 1e6:.1f}"
        origin = asset.upstream if asset.can_be_fetched else f"{asset.upstream} (by hand, as {asset.path})"
        about = f"{asset.what}\n{asset.licence}\n{origin}"
        table.add_row(asset.name, state(asset), asset.purpose, megabytes, about)
    _console.print(table)


def fetch_assets(names: tuple[str, ...] = ()) -> None:
    """Fetch the named assets; without names, those that recognising faces needs.

    Raises BadInputError for an unknown name, and when one cannot be had.

    Args:
        names: as `lineament assets list` shows them
    """
    wanted = [asset_named(name) for name in names] or [asset for asset in ASSETS if asset.purpose == "faces"]
    for asset in wanted:
        with _console.status(f"fetching {asset.name} ({asset.size / 1e6:.0f} MB)"):
            path = fetch(asset)
        _console.print(f"{asset.name}: {path}", soft_wrap=True, highlight=False)


def verify_assets(names: tuple[str, ...] = ()) -> None:
    """Check the content of the assets that are here.

    Raises BadInputError when one differs or a named one is absent.

    Args:
        names: as `lineament assets list` shows them; all by default
    """
    wanted = [asset_named(name) for name in names] or list(ASSETS)
    wrong = []
    for asset in wanted:
        found = state(asset)
        _console.print(f"{asset.name}: {found}", highlight=False)
        if found == "differs" or (names and found == "absent"):
            wrong.append(f"{asset.name} {'is absent' if found == 'absent' else 'differs from the list'}")
    if wrong:
        raise BadInputError(f"{', '.join(wrong)}; delete what differs, then run: lineament assets fetch NAME")
