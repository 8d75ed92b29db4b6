"""How a score is made of what the critic and the checks say."""

from __future__ import annotations

from tasks.pipeline.types import Assessment, CheckResult, CheckStatus, Critique

FAILED, PASSED, SKIPPED = CheckStatus.FAILED, CheckStatus.PASSED, CheckStatus.SKIPPED


def result(check: str, status: CheckStatus = FAILED, points: int = 5, findings: int = 1, veto: bool = False):
    return CheckResult(
        check=check,
        status=status,
        message="So it is.",
        evidence=tuple(f"Words {number}" for number in range(findings)),
        severity="veto" if veto else "advisory",
        points=points,
    )


def account(critic: int | None, *results: CheckResult) -> list[tuple[str, int]]:
    report = Assessment(results=results, critique=None if critic is None else Critique(score=critic))
    parts = report.score_parts
    assert report.score == (sum(part.points for part in parts) if parts else None)
    return [(part.name, part.points) for part in parts]


def test_failed_advice_costs_its_points_and_more_findings_cost_more_up_to_a_limit() -> None:
    assert account(82, result("figures"), result("length", points=3), result("tone", PASSED)) == [
        ("critic", 82), ("figures", -5), ("length", -3)
    ]  # fmt: skip
    costs = [dict(account(90, result("claims", points=8, findings=count)))["claims"] for count in range(9)]
    assert costs == [-8, -8, -10, -12, -14, -16, -16, -16, -16]
    assert account(90, result("notes", points=0)) == [("critic", 90)]


def test_a_defective_text_never_has_the_score_that_its_critic_gave() -> None:
    for critic in (1, 49, 50, 70, 90, 100):
        for veto in (False, True):
            parts = account(critic, result("figures", veto=veto))
            total = sum(points for _, points in parts)
            assert total < critic or (veto and critic <= 49)
            assert total >= 0


def test_a_veto_caps_the_score_and_stands_against_any_threshold() -> None:
    assert account(95, result("links", veto=True), result("length")) == [
        ("critic", 95), ("length", -5), ("links", -41)
    ]  # fmt: skip
    assert account(30, result("links", veto=True)) == [("critic", 30)]
    report = Assessment(results=(result("links", veto=True),), critique=Critique(score=95))
    assert report.score == 49
    assert not report.meets(0)
    assert Assessment(results=(), critique=Critique(score=70)).meets(70)


def test_a_score_is_never_below_zero() -> None:
    assert account(8, result("a"), result("b"), result("c")) == [("critic", 8), ("a", -5), ("b", -3)]


def test_without_a_critic_the_score_is_the_share_of_checks_passed() -> None:
    checks = [result("a", PASSED), result("b"), result("c", PASSED), result("d", SKIPPED)]
    assert account(None, *checks) == [("checks passed", 67)]
    assert account(None, *checks, result("e", PASSED), result("f", veto=True)) == [
        ("checks passed", 60), ("f", -11)
    ]  # fmt: skip
    assert account(None, result("d", SKIPPED)) == []
    assert account(None, *checks, result("critique", SKIPPED)) == [], "a critic that failed is no pass"
