"""PointNet++ and the reshaping block: sampling against a plain reference, balls, order, places."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from lineament.networks.pointnet2 import (  # noqa: E402
    FACE_LEVELS,
    Level,
    PointFeatures,
    PointNet2,
    ball,
    farthest_points,
    taken,
)
from lineament.networks.reshaping import (  # noqa: E402
    CanonicalReshaping,
    UnorderedReshaping,
    cell_middles,
)

pytestmark = pytest.mark.train

LEVELS = (Level(24, 0.08, 6, (8, 12)), Level(4, 0.2, 8, (16,)))


def clouds(batch=2, points=60, seed=0):
    """Balls of 10 cm, with normals and colours."""
    rng = torch.Generator().manual_seed(seed)
    normals = torch.nn.functional.normalize(torch.randn(batch, points, 3, generator=rng), dim=2)
    return torch.cat([0.1 * normals, normals, torch.rand(batch, points, 3, generator=rng)], dim=2)


def small(seed=0):
    torch.manual_seed(seed)
    return PointNet2(LEVELS).eval()


def test_farthest_points_against_a_plain_reference():
    positions = clouds(3, 40)[..., :3]
    found = farthest_points(positions, 11).numpy()
    for cloud, chosen in zip(positions.numpy(), found, strict=True):
        expected = [int(np.argmax(np.linalg.norm(cloud - cloud.mean(axis=0), axis=1)))]
        while len(expected) < 11:
            gaps = [min(np.linalg.norm(point - cloud[k]) for k in expected) for point in cloud]
            expected.append(int(np.argmax(gaps)))
        assert chosen.tolist() == expected
    with pytest.raises(ValueError, match="41 centres"):
        farthest_points(positions, 41)


def test_a_ball_keeps_the_nearest_and_repeats_the_centre():
    line = torch.tensor([0.0, 1.0, 2.0, 4.0, 8.0])
    positions = torch.stack([line, 0 * line, 0 * line], dim=1)[None]
    found = ball(positions, positions[:, [1, 4]], 1.5, 4)
    assert sorted(found[0, 0].tolist()) == [0, 1, 1, 2] and found[0, 1].tolist() == [4] * 4
    assert ball(positions, positions[:, :1], 10.0, 2).tolist() == [[[0, 1]]]
    assert taken(positions, found)[0, 1, :, 0].tolist() == [8.0] * 4


def test_shapes_and_places():
    cloud = clouds()
    found = small()(cloud)
    assert found.features.shape == (2, 4, 16) and found.positions.shape == (2, 4, 3)
    torch.testing.assert_close(taken(cloud[..., :3], found.places), found.positions)
    with pytest.raises(ValueError, match="above 0"):
        Level(4, 0.0, 8, (16,))


def test_order_of_points_changes_nothing():
    cloud, network = clouds(), small()
    order = torch.randperm(60, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        before, after = network(cloud), network(cloud[:, order])
    torch.testing.assert_close(after.features, before.features)
    torch.testing.assert_close(order[after.places], before.places)


def test_a_moved_cloud_is_the_same_face_and_a_larger_one_is_not():
    cloud, network = clouds(), small()
    moved, larger = cloud.clone(), cloud.clone()
    moved[..., :3] += torch.tensor([0.3, -0.2, 0.5])
    larger[..., :3] *= 1.1
    with torch.no_grad():
        before = network(cloud).features
        torch.testing.assert_close(network(moved).features, before, rtol=1e-3, atol=1e-4)
        assert (network(larger).features - before).abs().max() > 1e-2


def test_a_cloud_does_not_depend_on_its_batch():
    cloud, network = clouds(3), small()
    with torch.no_grad():
        torch.testing.assert_close(network(cloud)[0][1:2], network(cloud[1:2])[0])


def test_gradients_reach_points_and_weights():
    network, cloud = small().train(), clouds().requires_grad_()
    network(cloud).features.square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())
    assert cloud.grad.abs().sum() > 0


def test_gradcheck_of_points():
    network, cloud = small().double(), clouds(1, 30).double()
    assert torch.autograd.gradcheck(
        lambda colours: network(torch.cat([cloud[..., :6], colours], dim=2)).features,
        (cloud[..., 6:].clone().requires_grad_(),),
        fast_mode=True,
    )


def test_heads_fill_a_grid():
    torch.manual_seed(0)
    network = PointNet2().eval()
    layout = torch.rand(1024, 2) * 2 - 1
    with torch.no_grad():
        points = network(clouds(1, 1024))
        maps = [
            CanonicalReshaping(network.channels, 32, layout).eval()(points),
            UnorderedReshaping(network.channels, 32).eval()(points),
        ]
    assert points.features.shape == (1, FACE_LEVELS[-1].centres, 256)
    assert all(one.shape == (1, 32, 7, 7) for one in maps)


def test_cells_lie_as_in_a_frontal_picture():
    """Top left first: the person's right (x = -1) and up (y = 1)."""
    middles = cell_middles(2, 4)
    expected = [[-0.75, 0.5], [-0.25, 0.5], [0.25, 0.5], [0.75, 0.5]]
    torch.testing.assert_close(middles, torch.tensor(expected + [[x, -y] for x, y in expected]))


def test_canonical_cells_take_the_points_that_belong_there():
    """Points at the middles of a 2 x 2 grid, cells 1 wide: a neighbour at distance 1 of deviation 0.5 has
    weight exp(-2), the one across exp(-4).
    """
    layout = torch.tensor([[0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]])
    block = CanonicalReshaping(1, 1, layout, height=2, width=2).eval()
    weights = torch.tensor([1.0, np.exp(-2), np.exp(-2), np.exp(-4)]).float() / (
        1 + 2 * np.exp(-2) + np.exp(-4)
    )
    assignment = block.assignment(torch.arange(4)[None])[0]
    torch.testing.assert_close(assignment[0], weights[[1, 0, 2, 3]])
    torch.testing.assert_close(assignment.sum(dim=1), torch.ones(4))


def test_order_of_centres_matters_to_the_unordered_form_only():
    torch.manual_seed(0)
    layout = torch.rand(20, 2) * 2 - 1
    blocks = CanonicalReshaping(5, 6, layout, height=2, width=2), UnorderedReshaping(5, 6, height=2, width=2)
    places = torch.tensor([[3, 8, 11, 19]])
    points = PointFeatures(torch.randn(1, 4, 5), torch.zeros(1, 4, 3), places)
    order = torch.tensor([2, 0, 3, 1])
    moved = PointFeatures(points.features[:, order], points.positions, places[:, order])
    canonical, unordered = (block.eval() for block in blocks)
    with torch.no_grad():
        torch.testing.assert_close(canonical(moved), canonical(points))
        torch.testing.assert_close(unordered(moved).flatten(2), unordered(points).flatten(2)[..., order])
    with pytest.raises(ValueError, match="4 points"):
        UnorderedReshaping(5, 6)(points)
    with pytest.raises(ValueError, match="layout"):
        CanonicalReshaping(5, 6, layout.T)
