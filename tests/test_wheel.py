"""The wheel contains all required files and works outside the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from bot.web.pages.doc_pages import BY_FILE, PICTURE
from tests.jobs.samples import UNSAFE
from tests.repository import Repository

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as the Dockerfile does, without an index."""
    folder = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*argv, "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=120)
    (made,) = folder.glob("gitinsight-*.whl")
    return made


def test_the_wheel_contains_everything_but_the_tests(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(file.relative_to(ROOT)) for file in (ROOT / "bot").rglob("*") if file.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name}
    assert wanted <= packed
    migrations = {f"bot/migrations/{file.relative_to(ROOT / 'alembic')}" for file in (ROOT / "alembic").rglob("*.py")}
    assert migrations
    assert migrations <= packed
    assert "bot/app.yml" in packed
    assert {f"bot/documentation/{file}" for file in (*BY_FILE, PICTURE)} <= packed
    assert {f"bot/web/vendor/plotly-basic.{name}" for name in ("min.js.gz", "LICENSE")} <= packed
    assert {f"bot/web/vendor/swagger-ui.{name}" for name in ("js.gz", "css.gz", "LICENSE")} <= packed
    strangers = {name for name in packed - wanted - migrations if ".dist-info/" not in name and name.endswith(".py")}
    assert strangers == set()


def test_the_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path, repository: Repository) -> None:
    repository.commit("first", {"shell.py": UNSAFE})
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    (site,) = (home / "lib").glob("python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    # Link the installed dependencies, but not the checkout itself.
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        ours = entry.name.lower().startswith(("gitinsight", "_gitinsight")) or entry.suffix == ".pth"
        if not ours and not (site / entry.name).exists():
            (site / entry.name).symlink_to(entry)
    for program in ("ruff", "zizmor", "typos"):
        (home / "bin" / program).symlink_to(Path(sysconfig.get_path("scripts")) / program)
    env = {"PATH": f"{home / 'bin'}:{os.environ['PATH']}", "DATA_DIR": str(tmp_path / "data")}

    def run(*arguments: str) -> str:
        argv = [str(home / "bin" / "python"), "-m", "bot", *arguments]
        done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = "import bot, pathlib; print(pathlib.Path(bot.__file__).parent)"
    python = [str(home / "bin" / "python"), "-c", where]
    found = subprocess.run(python, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
    assert found.strip() == str(site / "bot")
    assert run("migrate") == "The schema is up to date.\n"
    assert "shell.py:5" in run("preview", str(repository.path))
    templates = "from bot.web.application import create_app; from bot.local import create_app"
    templates += "; from bot.github.manifest import manifest; manifest('https://example.org')"
    subprocess.run([str(home / "bin" / "python"), "-c", templates], cwd=tmp_path, env=env, check=True)
